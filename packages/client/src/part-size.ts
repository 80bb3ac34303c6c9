/**
 * How a file is cut, and the part size to propose to the backend: large enough that a round trip between two parts does not
 * show, small enough that little is lost with a connection, and enough parts for every lane. The backend has the last word. Pure.
 */
import type { Part } from "./checksums.ts";

const mebibyte = 1024 * 1024;
/** For a link that nobody knows: as many parts as one request signs, none so small or so large that it hurts. */
const usualCount = 100;
const usualBytesMin = 8 * mebibyte;
const usualBytesMax = 16 * mebibyte;
/** The backend's bounds: S3's least part, and what a broken part may cost at most. */
const bytesMin = 5 * mebibyte;
const bytesMax = 64 * mebibyte;
/** The backend keeps S3's list of parts to one page. */
const partCountMax = 1_000;
/** How long a part should take when six share the link. */
const partSeconds = 4;
const laneCount = 6;
/**
 * A file is cut into so many at least, so that its end is not one lane alone; a small one into two for each lane where four
 * would make them tiny: each is a request that storage bills (`bench cost`).
 */
const partCountWanted = 4 * laneCount;
const smallCountWanted = 2 * laneCount;

export function proposePartBytes(fileBytes: number, bytesPerSecond: number | null): number {
  const usual = Math.min(usualBytesMax, Math.max(usualBytesMin, fileBytes / usualCount));
  const fitting = bytesPerSecond === null ? usual : (bytesPerSecond / laneCount) * partSeconds;
  const small = Math.min(usualBytesMin, fileBytes / smallCountWanted);
  const wished = Math.min(fitting, Math.max(small, fileBytes / partCountWanted), bytesMax);
  const needed = Math.ceil(fileBytes / partCountMax / mebibyte) * mebibyte;
  return Math.max(needed, bytesMin, Math.floor(wished / mebibyte) * mebibyte);
}

/** Parts in order; all but the last are of one size. */
export function cutParts(fileBytes: number, partBytes: number): Part[] {
  return Array.from({ length: Math.ceil(fileBytes / partBytes) }, (_, partIndex) => {
    const firstByte = partIndex * partBytes;
    const bytes = Math.min(partBytes, fileBytes - firstByte);
    return { partNumber: partIndex + 1, firstByte, bytes };
  });
}
