/**
 * What has arrived of a video whose parts are objects of their own, and its ranges as if it were one: a range that is not there
 * yet is waited for. This is all that a relay sees of cut-through.
 */
import { EventEmitter, once } from "node:events";
import type { ByteStream, RangeReader } from "@clipcast/core/storage";

export interface Arrivals {
  ranges: RangeReader;
  /** Part numbers begin at 1. */
  add(partNumber: number, part: ArrivedPart): void;
  /** Resolves once so many bytes are there, and among them the video's first ones. */
  whenStored(wanted: { bytes: number; firstBytes: number }): Promise<void>;
}

export interface ArrivedPart {
  key: string;
  etag: string;
  bytes: number;
}

type Range = Parameters<RangeReader["openRange"]>[0];

export function createArrivals(options: {
  reader: RangeReader;
  /** Of every part but the last; known when the first one arrives. */
  partBytes(): number;
}): Arrivals {
  const { reader, partBytes } = options;
  const partByNumber = new Map<number, ArrivedPart>();
  const news = new EventEmitter();

  const isStored = (firstByte: number, lastByte: number) =>
    partNumbersOf(partBytes(), firstByte, lastByte).every((number) => partByNumber.has(number));
  const until = async (isSo: () => boolean, signal?: AbortSignal) => {
    while (!isSo()) await once(news, "arrived", signal ? { signal } : {});
  };
  /** What of a part lies in the range. */
  const pieceOf = (range: Range, partNumber: number): Range[] => {
    const { key, etag, bytes } = partByNumber.get(partNumber) ?? { key: "", etag: "", bytes: 0 };
    const begin = (partNumber - 1) * partBytes();
    const firstByte = Math.max(range.firstByte - begin, 0);
    const lastByte = Math.min(range.lastByte - begin, bytes - 1);
    return lastByte < firstByte ? [] : [{ ...range, key, etag, firstByte, lastByte }];
  };

  return {
    ranges: {
      async openRange(range) {
        const { firstByte, lastByte, signal } = range;
        await until(() => isStored(firstByte, lastByte), signal);
        const numbers = partNumbersOf(partBytes(), firstByte, lastByte);
        return join(
          reader,
          numbers.flatMap((number) => pieceOf(range, number)),
        );
      },
    },
    add(partNumber, part) {
      partByNumber.set(partNumber, part);
      news.emit("arrived");
    },
    whenStored: ({ bytes, firstBytes }) =>
      until(() => {
        const storedBytes = [...partByNumber.values()].reduce((sum, part) => sum + part.bytes, 0);
        return storedBytes >= bytes && partByNumber.size > 0 && isStored(0, firstBytes - 1);
      }),
  };
}

/** The parts that a range lies in, in order. Pure. */
export function partNumbersOf(partBytes: number, firstByte: number, lastByte: number): number[] {
  const first = Math.floor(firstByte / partBytes) + 1;
  const last = Math.floor(lastByte / partBytes) + 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** One stream of all pieces. The first one fails here, as a range of a whole object would. */
async function join(reader: RangeReader, [first, ...rest]: Range[]): Promise<ByteStream> {
  if (first === undefined) throw new Error("a range has bytes");
  const opened = [Promise.resolve(await reader.openRange(first))];
  const ended = Promise.withResolvers<void>();
  /** Each piece is opened when its predecessor begins, so that nobody waits for a first byte. */
  async function* read() {
    try {
      for (const [index, stream] of opened.entries()) {
        const next = rest[index];
        if (next !== undefined) opened.push(reader.openRange(next));
        // Its failure is met where it is read, if it still is.
        opened.at(-1)?.catch(() => undefined);
        yield* await stream;
      }
      ended.resolve();
    } finally {
      destroy();
    }
  }
  const destroy = () => {
    for (const stream of opened) {
      stream.then((piece) => piece.destroy()).catch(() => undefined);
    }
  };
  return { [Symbol.asyncIterator]: read, ended: ended.promise, destroy };
}
