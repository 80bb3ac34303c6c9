/**
 * Videos that are made while they are read: real MP4s of any size with bytes of their own, of which nothing is stored on
 * the creator's side. The same number and size always give the same bytes.
 *
 * As in the demo, the built-in video is followed by a `free` box, which players skip (ISO/IEC 14496-12, 8.1.2). Each
 * block of it begins with the video's number and the block's offset, so that bytes of another video or another place
 * change the digest.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { ByteSource } from "@clipcast/client";
import { builtInVideo } from "../demo/video.ts";

/** A box header with a 64-bit size: size 1, type, then the size itself. */
const boxHeaderBytes = 16;
const stampBytes = 16;
const blockBytes = 1024 * 1024;
/** What all blocks have in common; never written to. */
const filling = Buffer.alloc(blockBytes, "clipcast ");

export interface MadeVideo {
  source: ByteSource;
  sha256(): Promise<string>;
}

export function makeVideo(options: { name: string; number: number; bytes: number }): MadeVideo {
  const { name, number, bytes } = options;
  const read = (firstByte: number, count: number) =>
    piecesOf({ number, bytes }, firstByte, firstByte + count);
  return {
    source: {
      name: `${name}.mp4`,
      contentType: "video/mp4",
      size: bytes,
      slice: read,
      isIntact: () => Promise.resolve(true),
    },
    async sha256() {
      const hash = createHash("sha256");
      for await (const piece of read(0, bytes)) hash.update(piece);
      return hash.digest("hex");
    },
  };
}

let begun: Buffer | null = null;

/** The least that a video can have. */
export function videoBytesMin(): number {
  begun ??= readFileSync(builtInVideo);
  return begun.length + boxHeaderBytes;
}

async function* piecesOf(
  video: { number: number; bytes: number },
  firstByte: number,
  endByte: number,
): AsyncGenerator<Uint8Array> {
  const head = headOf(video.bytes);
  if (firstByte < head.length) yield head.subarray(firstByte, endByte);
  let position = Math.max(firstByte, head.length);
  while (position < endByte) {
    const inBox = position - head.length;
    const blockStart = position - (inBox % blockBytes);
    const from = position - blockStart;
    const to = Math.min(blockBytes, endByte - blockStart);
    if (from < stampBytes) yield stampOf(video.number, blockStart).subarray(from, to);
    if (to > stampBytes) yield filling.subarray(Math.max(from, stampBytes), to);
    position = blockStart + to;
    // Who digests a gigabyte must not keep everybody else waiting.
    await turn();
  }
}

function headOf(bytes: number): Buffer {
  const least = videoBytesMin();
  if (bytes < least || begun === null) {
    throw new RangeError(`a video has at least ${least} bytes, not ${bytes}`);
  }
  const header = Buffer.alloc(boxHeaderBytes);
  header.writeUInt32BE(1, 0);
  header.write("free", 4, "latin1");
  header.writeBigUInt64BE(BigInt(bytes - begun.length), 8);
  return Buffer.concat([begun, header]);
}

function stampOf(number: number, offset: number): Buffer {
  const stamp = Buffer.alloc(stampBytes);
  stamp.writeBigUInt64BE(BigInt(number), 0);
  stamp.writeBigUInt64BE(BigInt(offset), 8);
  return stamp;
}
