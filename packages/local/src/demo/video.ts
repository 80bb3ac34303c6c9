/**
 * The demo's video: the built-in MP4 or the user's own, grown to any size with a `free` box, which players skip, so that
 * it stays a real and playable video (ISO/IEC 14496-12, 8.1.2).
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, open, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const builtInVideo = fileURLToPath(new URL("../../assets/demo.mp4", import.meta.url));

/** A box header with a 64-bit size: size 1, type, then the size itself. */
const boxHeaderBytes = 16;
const blockBytes = 1024 * 1024;

/** Writes `sourcePath` followed by a `free` box, `totalBytes` in all. `onBytes` hears how many are written. */
export async function growVideo(options: {
  sourcePath: string;
  targetPath: string;
  totalBytes: number;
  onBytes(written: number): void;
}): Promise<void> {
  const { sourcePath, targetPath, totalBytes } = options;
  const sourceBytes = (await stat(sourcePath)).size;
  const boxBytes = totalBytes - sourceBytes;
  if (boxBytes < boxHeaderBytes) {
    throw new RangeError(
      `the video has ${sourceBytes} bytes already and cannot become ${totalBytes}`,
    );
  }
  await copyFile(sourcePath, targetPath);
  const file = await open(targetPath, "a");
  try {
    const header = Buffer.alloc(boxHeaderBytes);
    header.writeUInt32BE(1, 0);
    header.write("free", 4, "latin1");
    header.writeBigUInt64BE(BigInt(boxBytes), 8);
    await file.write(header);
    // Each block begins with its own offset, so that bytes in a wrong place change the digest.
    const block = Buffer.alloc(blockBytes, "clipcast ");
    for (let written = sourceBytes + boxHeaderBytes; written < totalBytes; ) {
      block.writeBigUInt64BE(BigInt(written), 0);
      const bytes = Math.min(blockBytes, totalBytes - written);
      await file.write(block, 0, bytes);
      written += bytes;
      options.onBytes(written);
    }
  } finally {
    await file.close();
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: blockBytes }))
    hash.update(chunk);
  return hash.digest("hex");
}

const unitBytes: Record<string, number> = {
  "": 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** `1GiB`, `300MB`, `5000000`. Throws a TypeError that says what is accepted. */
export function parseSize(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = unitBytes[unit?.toLowerCase() ?? "-"];
  const bytes = Math.round(Number(number) * (factor ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new TypeError(`a size looks like 1GiB, 300MB or 5000000, not "${text}"`);
}
