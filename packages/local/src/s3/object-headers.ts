/**
 * The headers that are stored with an object and given back with it: its content headers and user metadata.
 */
import { type ChecksumType, headerOf } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import type { ObjectRecord } from "./records.ts";
import type { S3Request } from "./request.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const metadataBytesMax = 2048;

const contentHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;

/** Headers that would change what is stored in ways this server does not do; ignoring them would lie. */
const refusedHeaders = [
  "x-amz-copy-source",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-legal-hold",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-tagging",
  "x-amz-website-redirect-location",
  "x-amz-write-offset-bytes",
];

export function readObjectHeaders(request: S3Request): Record<string, string> {
  for (const name of refusedHeaders) {
    if (!request.headers.has(name)) continue;
    const message = "A header you provided implies functionality that is not implemented.";
    throw new S3Error("NotImplemented", { message, details: { Header: name } });
  }
  const stored: Record<string, string> = { "content-type": "binary/octet-stream" };
  let metadataBytes = 0;
  for (const [name, value] of request.headers) {
    if (name.startsWith("x-amz-meta-")) {
      metadataBytes +=
        Buffer.byteLength(name.slice("x-amz-meta-".length)) + Buffer.byteLength(value);
      stored[name] = value;
    } else if (contentHeaders.some((header) => header === name) && value !== "") {
      stored[name] = value;
    }
  }
  if (metadataBytes > metadataBytesMax) throw new S3Error("MetadataTooLarge");
  return withoutFraming(stored);
}

/** What every answer about an object carries. */
export function describeObject(object: ObjectRecord, request: S3Request): Record<string, string> {
  const headers: Record<string, string> = {
    ...object.headers,
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modifiedAtMs).toUTCString(),
    "accept-ranges": "bytes",
  };
  for (const header of contentHeaders) {
    const override = request.query.get(`response-${header}`);
    if (override !== undefined) headers[header] = override;
  }
  return headers;
}

export function describeChecksum(checksum: {
  algorithm: Parameters<typeof headerOf>[0];
  value: string;
  type: ChecksumType;
}): Record<string, string> {
  return { [headerOf(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": checksum.type };
}

/** `aws-chunked` describes the transfer, not the object. */
function withoutFraming(stored: Record<string, string>): Record<string, string> {
  const encodings = stored["content-encoding"]?.split(",").map((encoding) => encoding.trim());
  if (encodings === undefined) return stored;
  const kept = encodings.filter((encoding) => encoding.toLowerCase() !== "aws-chunked");
  const { "content-encoding": _, ...rest } = stored;
  return kept.length === 0 ? rest : { ...rest, "content-encoding": kept.join(",") };
}
