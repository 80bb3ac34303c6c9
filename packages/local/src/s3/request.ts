/**
 * What a client asked, read from the request line and headers: bucket, key, query and header values.
 *
 * Promises that nothing is normalised away before the signature is checked (`..`, double slashes and odd encodings stay
 * as sent). Whether the request is allowed is left to sigv4.ts, what it means to router.ts.
 */
import type { IncomingMessage } from "node:http";
import { S3Error } from "./errors.ts";

export type S3Request = {
  method: string;
  /** Decoded path, with its leading slash. */
  path: string;
  bucket: string;
  key: string;
  /** Every query pair, decoded, in order and with repetitions: the signature covers them all. */
  queryPairs: readonly (readonly [name: string, value: string])[];
  query: ReadonlyMap<string, string>;
  /** Values by lower-case name; repeated headers are joined with commas. */
  headers: ReadonlyMap<string, string>;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const keyBytesMax = 1024;

/** Query names that sign the request; they are never read as headers. */
const signatureParameters = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);

export function readRequest(message: IncomingMessage): S3Request {
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const rawPath = mark === -1 ? target : target.slice(0, mark);
  if (!rawPath.startsWith("/")) throw new S3Error("InvalidURI");
  const path = decode(rawPath);
  const slash = path.indexOf("/", 1);
  const key = slash === -1 ? "" : path.slice(slash + 1);
  if (Buffer.byteLength(key) > keyBytesMax) throw new S3Error("KeyTooLongError");
  const queryPairs = mark === -1 ? [] : readQuery(target.slice(mark + 1));
  return {
    method: message.method ?? "",
    path,
    bucket: slash === -1 ? path.slice(1) : path.slice(1, slash),
    key,
    queryPairs,
    query: new Map(queryPairs),
    headers: readHeaders(message),
  };
}

/**
 * A presigner may move `x-amz-*` headers into the query, where S3 still obeys them: a URL signed with the checksum of an
 * empty body refuses every other body. The signature has covered them, so they count as headers from here on.
 */
export function withHoistedHeaders(request: S3Request): S3Request {
  const headers = new Map(request.headers);
  for (const [name, value] of request.queryPairs) {
    const header = name.toLowerCase();
    if (!header.startsWith("x-amz-") || signatureParameters.has(header)) continue;
    if (!headers.has(header)) headers.set(header, value);
  }
  return { ...request, headers };
}

function readQuery(text: string): (readonly [string, string])[] {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? "" : pair.slice(equals + 1);
      return [decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))] as const;
    });
}

function readHeaders(message: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values !== undefined) headers.set(name, values.join(","));
  }
  return headers;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new S3Error("InvalidURI", { cause });
  }
}
