/**
 * Byte ranges: reading the `Range` header, and cutting an object's parts to what is asked for. Pure.
 */
import { S3Error } from "./errors.ts";
import type { Slice } from "./operation.ts";
import type { PartRecord } from "./records.ts";

/** Both ends count, as in HTTP. */
export type ByteRange = { first: number; last: number };

/**
 * Undefined means the whole object: S3 ignores a header it cannot read and one with several ranges. A range that starts
 * behind the end is refused.
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  const end = sizeBytes - 1;
  const range =
    from === ""
      ? { first: Math.max(0, sizeBytes - Number(to)), last: end }
      : { first: Number(from), last: to === "" ? end : Math.min(Number(to), end) };
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  if (range.first > end) {
    throw new S3Error("InvalidRange", {
      details: { RangeRequested: header ?? "", ActualObjectSize: sizeBytes },
    });
  }
  return range;
}

/** Where one part lies within its object. */
export function rangeOfPart(
  parts: readonly PartRecord[],
  partNumber: number,
): ByteRange | undefined {
  let first = 0;
  for (const part of parts) {
    // S3 counts the parts of the finished object, which keep the numbers they were uploaded with.
    if (part.partNumber === partNumber) return { first, last: first + part.sizeBytes - 1 };
    first += part.sizeBytes;
  }
  return undefined;
}

/** The pieces of the parts' blobs that make up the range, in order. */
export function sliceParts(parts: readonly PartRecord[], range: ByteRange): Slice[] {
  const slices: Slice[] = [];
  let partFirst = 0;
  for (const part of parts) {
    const first = Math.max(range.first, partFirst);
    const last = Math.min(range.last, partFirst + part.sizeBytes - 1);
    if (first <= last) {
      slices.push({ blob: part.blob, offsetBytes: first - partFirst, sizeBytes: last - first + 1 });
    }
    partFirst += part.sizeBytes;
  }
  return slices;
}
