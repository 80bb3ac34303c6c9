/**
 * Conditional requests, for reading (RFC 9110 §13.2.2's order) and for writing (S3's two).
 */
import { S3Error } from "./errors.ts";
import type { ObjectRecord } from "./records.ts";
import type { S3Request } from "./request.ts";

/** Throws when a precondition failed; otherwise says whether the client's copy is still good (304). */
export function checkReadConditions(
  request: S3Request,
  object: ObjectRecord,
): "send" | "not-modified" {
  const { headers } = request;
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  // HTTP dates have no milliseconds; neither may what they are compared with.
  const modifiedAtMs = Math.floor(object.modifiedAtMs / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object)) throw failed("If-Match");
  } else {
    const unmodifiedSinceMs = readDate(headers.get("if-unmodified-since"));
    if (unmodifiedSinceMs !== undefined && modifiedAtMs > unmodifiedSinceMs) {
      throw failed("If-Unmodified-Since");
    }
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, object) ? "not-modified" : "send";
  const modifiedSinceMs = readDate(headers.get("if-modified-since"));
  return modifiedSinceMs !== undefined && modifiedAtMs <= modifiedSinceMs ? "not-modified" : "send";
}

/** Call while holding the key's lock, so that what was checked is still true when the object is written. */
export function checkWriteConditions(request: S3Request, current: ObjectRecord | undefined): void {
  const ifMatch = request.headers.get("if-match");
  const ifNoneMatch = request.headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== "*") {
      throw new S3Error("NotImplemented", { message: "If-None-Match accepts only * here." });
    }
    if (current !== undefined) throw failed("If-None-Match");
  }
  if (ifMatch !== undefined) {
    if (current === undefined) throw new S3Error("NoSuchKey", { details: { Key: request.key } });
    if (!matches(ifMatch, current)) throw failed("If-Match");
  }
}

function matches(list: string, object: ObjectRecord): boolean {
  return list
    .split(",")
    .map((etag) =>
      etag
        .trim()
        .replace(/^W\//, "")
        .replace(/^"(.*)"$/, "$1"),
    )
    .some((etag) => etag === "*" || etag === object.etag);
}

function readDate(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", { details: { Condition: condition } });
}
