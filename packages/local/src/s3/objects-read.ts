/**
 * Reading objects: GetObject, HeadObject, GetObjectAttributes.
 *
 * Promises that a reader gets one version from its first byte to its last, whatever is written or deleted meanwhile.
 * Moving the bytes to the client is left to deliver.ts.
 */
import type { Bucket } from "./bucket.ts";
import { elementOf } from "./checksums.ts";
import { checkReadConditions } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import { describeChecksum, describeObject } from "./object-headers.ts";
import { bucketOf, type Call, integerQuery, type Reply } from "./operation.ts";
import { type ByteRange, rangeOfPart, readRange, sliceParts } from "./ranges.ts";
import type { ObjectRecord, PartRecord } from "./records.ts";
import { renderXml } from "./xml.ts";

export async function getObject(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const object = findObject(bucket, call);
  const head = describeRead(call, object);
  if (head.range === undefined) return head.reply;
  // Nothing is awaited between finding the object and pinning its blobs.
  const slices = sliceParts(object.parts, head.range);
  const release = bucket.blobs.pin(slices.map((slice) => slice.blob));
  return { ...head.reply, content: { bucket, slices, release } };
}

export async function headObject(call: Call): Promise<Reply> {
  return describeRead(call, findObject(bucketOf(call), call)).reply;
}

export async function getObjectAttributes(call: Call): Promise<Reply> {
  const object = findObject(bucketOf(call), call);
  checkReadConditions(call.request, object);
  const wanted = new Set(
    (call.request.headers.get("x-amz-object-attributes") ?? "")
      .split(",")
      .map((name) => name.trim()),
  );
  const { checksum } = object;
  const xml = renderXml("GetObjectAttributesResponse", {
    ETag: wanted.has("ETag") ? object.etag : undefined,
    Checksum:
      wanted.has("Checksum") && checksum !== undefined
        ? { [elementOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }
        : undefined,
    ObjectParts:
      wanted.has("ObjectParts") && object.uploadId !== undefined
        ? { PartsCount: object.parts.length }
        : undefined,
    StorageClass: wanted.has("StorageClass") ? "STANDARD" : undefined,
    ObjectSize: wanted.has("ObjectSize") ? object.sizeBytes : undefined,
  });
  return {
    status: 200,
    headers: { "last-modified": new Date(object.modifiedAtMs).toUTCString() },
    xml,
  };
}

function findObject(bucket: Bucket, call: Call): ObjectRecord {
  const object = bucket.objects.get(call.request.key);
  if (object === undefined) throw new S3Error("NoSuchKey", { details: { Key: call.request.key } });
  return object;
}

/** The head of an answer to GET or HEAD, and the range of bytes that follows; no range when there is no content. */
function describeRead(
  call: Call,
  object: ObjectRecord,
): { reply: Reply; range: ByteRange | undefined } {
  const headers = describeObject(object, call.request);
  if (checkReadConditions(call.request, object) === "not-modified") {
    return { reply: { status: 304, headers }, range: undefined };
  }
  const whole = { first: 0, last: object.sizeBytes - 1 };
  const part = findPart(call, object);
  const range = part?.range ?? readRange(call.request.headers.get("range"), object.sizeBytes);
  const { first, last } = range ?? whole;
  headers["content-length"] = String(last - first + 1);
  if (range !== undefined) headers["content-range"] = `bytes ${first}-${last}/${object.sizeBytes}`;
  if (part !== undefined && object.uploadId !== undefined) {
    headers["x-amz-mp-parts-count"] = String(object.parts.length);
  }
  // A checksum is sent only with exactly the bytes it covers: clients verify it.
  if (call.request.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED") {
    const type = object.checksum?.type;
    const own = part === undefined ? undefined : part.record.checksum;
    if (range === undefined && object.checksum !== undefined) {
      Object.assign(headers, describeChecksum(object.checksum));
    } else if (own !== undefined && type !== undefined) {
      Object.assign(headers, describeChecksum({ ...own, type }));
    }
  }
  return { reply: { status: range === undefined ? 200 : 206, headers }, range: range ?? whole };
}

function findPart(
  call: Call,
  object: ObjectRecord,
): { record: PartRecord; range: ByteRange } | undefined {
  if (!call.request.query.has("partNumber")) return undefined;
  if (call.request.headers.has("range")) {
    throw new S3Error("InvalidRequest", {
      message: "Cannot specify both Range header and partNumber",
    });
  }
  const partNumber = integerQuery(call, "partNumber", { min: 1, max: 10_000, fallback: 1 });
  const record = object.parts.find((candidate) => candidate.partNumber === partNumber);
  const range = rangeOfPart(object.parts, partNumber);
  // A part without bytes cannot be written as a range.
  if (record === undefined || range === undefined || record.sizeBytes === 0) {
    throw new S3Error("InvalidPartNumber");
  }
  return { record, range };
}
