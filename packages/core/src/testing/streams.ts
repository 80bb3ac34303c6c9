/** Streams of bytes as storage gives them, and reading them to their end. */
import type { ByteSource, ByteStream } from "../storage/index.ts";

export interface FakeStream extends ByteStream {
  readonly isDestroyed: boolean;
}

/** These pieces, one after the other; then the end, or what it breaks with. */
export function streamOf(
  pieces: readonly Uint8Array[],
  options: { breaksWith?: unknown } = {},
): FakeStream {
  const ended = Promise.withResolvers<void>();
  let isDestroyed = false;
  return {
    async *[Symbol.asyncIterator]() {
      yield* pieces;
      if (options.breaksWith !== undefined) throw options.breaksWith;
      ended.resolve();
    },
    ended: ended.promise,
    destroy() {
      isDestroyed = true;
    },
    get isDestroyed() {
      return isDestroyed;
    },
  };
}

/** All bytes, copied, since each piece is only lent. */
export async function bytesOf(source: ByteSource): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
