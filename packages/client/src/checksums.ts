/**
 * The checksums of an upload's parts: computed from the file in the order of sending, ahead of it, so that whole batches can
 * be signed. A URL is signed for one checksum, hence each part is read twice: once here, once for the wire.
 *
 * Holds a buffer for each part that it reads and nothing else of the file, and lets the page have its turn every few
 * milliseconds; that spares a page the worker, and with it a second file to serve and a hole in its CSP.
 */
import { createBell } from "./bell.ts";
import { type Crc32, crc32Text } from "./crc32.ts";
import { UploadError } from "./errors.ts";
import type { Runtime } from "./runtime.ts";
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

export type Reading = {
  source: ByteSource;
  crc32: Crc32;
  runtime: Pick<Runtime, "now" | "sleep">;
  signal: AbortSignal;
};

/** As much as Chromium hands over at once; a phone is through with it in a millisecond. */
const bufferBytes = 512 * 1024;
/**
 * Bytes that are there already do not end a task: after so much work in a row, the page has its turn. Fetching them takes as
 * long again, and on a busy machine all of it takes several times as long.
 */
const busyMsMax = 4;
/** A read takes milliseconds. Chromium was seen never to answer one; the rest of the part is then read in another way. */
const readSilenceMs = 5_000;

/**
 * Reads on in the background until `reading.signal` aborts. `onKnown` is called after each part, `onError` when the file
 * cannot be read.
 */
export function createChecksums(
  reading: Reading,
  parts: readonly Part[],
  given: {
    known: ReadonlyMap<number, string>;
    /** Parts read at once: a browser fetches a file's bytes from another process, and one at a time waits half of the time. */
    readerCount: 1 | 2;
    onKnown: () => void;
    onError: (error: unknown) => void;
  },
): Checksums {
  const { signal } = reading;
  const byPart = new Map(given.known);
  const known = createBell();
  const wanted = createBell();
  let wantedCount = 0;

  let nextIndex = 0;

  const readAhead = async () => {
    while (nextIndex < parts.length) {
      if (nextIndex >= wantedCount) {
        await wanted.next(signal);
        continue;
      }
      const part = parts[nextIndex++];
      if (part === undefined || byPart.has(part.partNumber)) continue;
      byPart.set(part.partNumber, await checksumOf(reading, part));
      known.ring();
      given.onKnown();
    }
  };
  for (let reader = 1; reader <= given.readerCount; reader += 1) readAhead().catch(given.onError);

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
  const { source, crc32, runtime, signal } = reading;
  let value = 0;
  let busyMs = 0;
  try {
    for await (const chunk of chunksOf(reading, source.slice(part.firstByte, part.bytes))) {
      signal.throwIfAborted();
      const startedMs = runtime.now();
      value = crc32(chunk, value);
      busyMs += runtime.now() - startedMs;
      if (busyMs < busyMsMax) continue;
      busyMs = 0;
      await runtime.sleep(0, signal);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new UploadError("file_changed", "The file changed or cannot be read any more.", error);
  }
  return crc32Text(value);
}

async function* chunksOf(reading: Reading, body: PartBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body;
  else if (body instanceof Blob) yield* buffersOf(reading, body);
  else yield* body;
}

/**
 * Into one buffer again and again where the browser can: without that, each chunk is new memory, and a gibibyte of them
 * keeps the garbage collector busy.
 */
async function* buffersOf(reading: Reading, blob: Blob): AsyncGenerator<Uint8Array> {
  const stream = blob.stream();
  const reader = byobReader(stream) ?? plainReader(stream);
  const watchdog = createWatchdog(reading, reader);
  let readBytes = 0;
  try {
    // A blob ends.
    for (;;) {
      const chunk = await watchdog.read();
      if (chunk === undefined) return;
      if (chunk === "silent") break;
      readBytes += chunk.length;
      yield chunk;
    }
  } finally {
    watchdog.end();
    // Nothing is read on for nobody; what could not be read has been told already, and silence may go on here.
    reader.cancel().catch(() => {});
  }
  for (let firstByte = readBytes; firstByte < blob.size; firstByte += bufferBytes) {
    yield new Uint8Array(await blob.slice(firstByte, firstByte + bufferBytes).arrayBuffer());
  }
}

/** Reads, and notices when a read is not answered. Its timer also keeps the reader from being collected as garbage. */
function createWatchdog({ runtime, signal }: Reading, reader: Reader) {
  const ended = new AbortController();
  let askedAtMs = runtime.now();
  const silence = (async () => {
    const either = AbortSignal.any([signal, ended.signal]);
    // Ends with the part; each turn sleeps until the earliest moment at which a read could be overdue.
    for (;;) {
      const quietMs = runtime.now() - askedAtMs;
      if (quietMs >= readSilenceMs) return "silent" as const;
      await runtime.sleep(readSilenceMs - quietMs, either);
    }
  })();
  // Ended, which is no failure, or aborted, which the reading notices by itself.
  silence.catch(() => {});
  return {
    read: () => {
      askedAtMs = runtime.now();
      return Promise.race([reader.read(), silence]);
    },
    end: () => ended.abort(),
  };
}

type Reader = { read(): Promise<Uint8Array | undefined>; cancel(): Promise<void> };

function plainReader(stream: ReadableStream<Uint8Array>): Reader {
  const reader = stream.getReader();
  return { read: async () => (await reader.read()).value, cancel: () => reader.cancel() };
}

/** Null where a blob's stream cannot fill a buffer, as in Safari before 26. */
function byobReader(stream: ReadableStream<Uint8Array>): Reader | null {
  try {
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(bufferBytes);
    const read = async () => {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (value !== undefined) buffer = value.buffer;
      return done ? undefined : value;
    };
    return { read, cancel: () => reader.cancel() };
  } catch {
    return null;
  }
}
