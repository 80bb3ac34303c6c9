/**
 * The checksums of an upload's parts: computed from the file in the order of sending, ahead of it, so that whole batches can
 * be signed. A URL is signed for one checksum, hence each part is read twice: once here, once for the wire.
 *
 * Never holds more than a few slices of the file, and never keeps the main thread for longer than one slice takes, which is
 * a millisecond or two; that spares a page the worker, and with it a second file to serve and a hole in its CSP.
 */
import { createBell } from "./bell.ts";
import { type Crc32, crc32Text } from "./crc32.ts";
import { UploadError } from "./errors.ts";
import type { ByteSource, PartBody } from "./source.ts";

export type Part = { partNumber: number; firstByte: number; bytes: number };

export type Checksums = {
  /** In base64; null while not known. */
  get(partNumber: number): string | null;
  /** Resolves once the part's checksum is known. */
  whenKnown(partNumber: number, signal: AbortSignal): Promise<void>;
  /** Lets the reading go on to so many parts from the first. */
  want(count: number): void;
};

export type Reading = { source: ByteSource; crc32: Crc32; signal: AbortSignal };

/** Large enough for a file's throughput, small enough for a frame on a slow phone. */
const sliceBytes = 2 * 1024 * 1024;
/** Reads under way at once: a browser fetches a file's bytes from another process, and one at a time waits most of it. */
const readsMax = 3;

/**
 * Reads on in the background until `reading.signal` aborts. `onKnown` is called after each part, `onError` when the file
 * cannot be read.
 */
export function createChecksums(
  reading: Reading,
  parts: readonly Part[],
  given: {
    known: ReadonlyMap<number, string>;
    onKnown: () => void;
    onError: (error: unknown) => void;
  },
): Checksums {
  const { signal } = reading;
  const byPart = new Map(given.known);
  const known = createBell();
  const wanted = createBell();
  let wantedCount = 0;

  const readAhead = async () => {
    for (const [index, part] of parts.entries()) {
      while (index >= wantedCount) await wanted.next(signal);
      if (byPart.has(part.partNumber)) continue;
      byPart.set(part.partNumber, await checksumOf(reading, part));
      known.ring();
      given.onKnown();
    }
  };
  readAhead().catch(given.onError);

  return {
    get: (partNumber) => byPart.get(partNumber) ?? null,
    whenKnown: async (partNumber, waiting) => {
      while (!byPart.has(partNumber)) await known.next(waiting);
    },
    want: (count) => {
      if (count <= wantedCount) return;
      wantedCount = count;
      wanted.ring();
    },
  };
}

/** Throws `file_changed` when the bytes cannot be read. */
export async function checksumOf(reading: Reading, part: Part): Promise<string> {
  const { source, crc32, signal } = reading;
  let value = 0;
  try {
    for await (const chunk of chunksOf(source.slice(part.firstByte, part.bytes))) {
      signal.throwIfAborted();
      value = crc32(chunk, value);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new UploadError("file_changed", "The file changed or cannot be read any more.", error);
  }
  return crc32Text(value);
}

async function* chunksOf(body: PartBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else if (body instanceof Blob) yield* slicesOf(body);
  else yield* body;
}

/** The next slices are on their way while the last one is worked on. */
async function* slicesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const reads: Promise<ArrayBuffer>[] = [];
  let nextByte = 0;
  do {
    while (reads.length < readsMax && nextByte < blob.size) {
      const slice = blob.slice(nextByte, nextByte + sliceBytes).arrayBuffer();
      // Its failure is met where it is awaited, if it still is.
      slice.catch(() => {});
      reads.push(slice);
      nextByte += sliceBytes;
    }
    const slice = await reads.shift();
    if (slice !== undefined) yield new Uint8Array(slice);
  } while (reads.length > 0 || nextByte < blob.size);
}
