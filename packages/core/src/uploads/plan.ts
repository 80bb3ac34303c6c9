/** How a file is cut into S3 parts. Pure. */
import { assert } from "../errors/index.ts";

const mebibyte = 1024 * 1024;
/**
 * The usual part: small enough that a dropped hotspot costs seconds, large enough that a 4 GiB file's part requests
 * cost a quarter of a cent.
 */
const partBytesUsual = 8 * mebibyte;
/**
 * What a client may propose that knows its link. S3 takes 5 MiB to 5 GiB and at most 10,000 parts (S3 user guide,
 * multipart upload limits); above 64 MiB a broken part costs too much.
 */
const partBytesMin = 5 * mebibyte;
const partBytesMax = 64 * mebibyte;
/** Fewer than S3's 10,000, so that ListParts stays one page of 1,000. */
const partCountMax = 1_000;

export interface PartPlan {
  partBytes: number;
  partCount: number;
}

export function planParts(bytes: number, proposedBytes: number | null = null): PartPlan {
  assert(Number.isSafeInteger(bytes) && bytes > 0, "a file has a size");
  const wished = Math.floor((proposedBytes ?? partBytesUsual) / mebibyte) * mebibyte;
  const needed = Math.ceil(bytes / partCountMax / mebibyte) * mebibyte;
  const partBytes = Math.max(needed, partBytesMin, Math.min(wished, partBytesMax));
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
