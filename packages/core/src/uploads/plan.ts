/** How a file is cut into S3 parts. Pure. */
import { assert } from "../errors/index.ts";

/**
 * The usual part: small enough that a dropped hotspot costs seconds, large enough that a 4 GiB file's part requests
 * cost a quarter of a cent. S3 takes 5 MiB to 5 GiB and at most 10,000 parts (S3 user guide, multipart upload limits).
 */
const partBytesUsual = 8 * 1024 * 1024;
/** Fewer than S3's 10,000, so that ListParts stays one page of 1,000. */
const partCountMax = 1_000;
const mebibyte = 1024 * 1024;

export interface PartPlan {
  partBytes: number;
  partCount: number;
}

export function planParts(bytes: number): PartPlan {
  assert(Number.isSafeInteger(bytes) && bytes > 0, "a file has a size");
  const needed = Math.ceil(bytes / partCountMax / mebibyte) * mebibyte;
  const partBytes = Math.max(partBytesUsual, needed);
  return { partBytes, partCount: Math.ceil(bytes / partBytes) };
}

/** First byte and length of a part; part numbers begin at 1, as S3's do. */
export function partRange(
  upload: PartPlan & { bytes: number },
  partNumber: number,
): { firstByte: number; bytes: number } {
  assert(partNumber >= 1 && partNumber <= upload.partCount, "the part is one of the plan");
  const partIndex = partNumber - 1;
  const firstByte = partIndex * upload.partBytes;
  return { firstByte, bytes: Math.min(upload.partBytes, upload.bytes - firstByte) };
}
