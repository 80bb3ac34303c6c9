/**
 * The part size to propose to the backend: large enough that a round trip between two parts does not show, small enough
 * that little is lost with a connection, and enough parts for every lane. The backend has the last word. Pure.
 */
const mebibyte = 1024 * 1024;
const usualBytes = 8 * mebibyte;
/** The backend's bounds: S3's least part, and what a broken part may cost at most. */
const bytesMin = 5 * mebibyte;
const bytesMax = 64 * mebibyte;
/** The backend keeps S3's list of parts to one page. */
const partCountMax = 1_000;
/** How long a part should take when six share the link. */
const partSeconds = 4;
const laneCount = 6;
/** A file is cut into so many at least, as far as they are no smaller than allowed, so that its end is not one lane alone. */
const partCountWanted = 24;

export function proposePartBytes(fileBytes: number, bytesPerSecond: number | null): number {
  const fitting = bytesPerSecond === null ? usualBytes : (bytesPerSecond / laneCount) * partSeconds;
  const wished = Math.min(fitting, fileBytes / partCountWanted, bytesMax);
  const needed = Math.ceil(fileBytes / partCountMax / mebibyte) * mebibyte;
  return Math.max(needed, bytesMin, Math.floor(wished / mebibyte) * mebibyte);
}
