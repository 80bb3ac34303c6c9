/**
 * CompleteMultipartUpload: checks the client's list against the stored parts and turns them into an object.
 *
 * Promises that no byte is copied (the object's record takes over the parts' files, so 4 GiB complete as fast as 4 MiB), that
 * it happens entirely or not at all, and that completing again answers the same while the object is there.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Bucket, Upload } from "./bucket.ts";
import { algorithms, combineParts, elementOf, statedChecksum } from "./checksums.ts";
import { checkWriteConditions } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import { noSuchUpload, partNumberMax, uploadOf } from "./multipart.ts";
import { bucketOf, type Call, type Reply } from "./operation.ts";
import { readDocument } from "./payload.ts";
import type { ObjectRecord, PartRecord } from "./records.ts";
import { blobsOf, keyLock, putObject, removeUpload, uploadLock } from "./store.ts";
import { parseXml, renderXml, repeated } from "./xml.ts";

/** Every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const partBytesMin = 5 * 1024 * 1024;

const listedPart = z.object({
  PartNumber: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
  ETag: z.string(),
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
});

const completeDocument = z.object({
  CompleteMultipartUpload: z.object({ Part: repeated(listedPart) }),
});

type ListedPart = z.infer<typeof listedPart>;

export async function completeMultipartUpload(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const id = call.request.query.get("uploadId") ?? "";
  const listed = await readList(call);
  const object = await call.store.locks.run(uploadLock(id), async () => {
    const current = bucket.objects.get(call.request.key);
    if (current !== undefined && current.uploadId === id) return current;
    const upload = uploadOf(bucket, call);
    const completed = await assemble(call, upload, listed);
    await call.store.locks.run(keyLock(bucket, upload.key), async () => {
      if (bucket.uploads.get(id) !== upload) throw noSuchUpload(id);
      checkWriteConditions(call.request, bucket.objects.get(upload.key));
      await putObject(bucket, completed);
    });
    await removeUpload(bucket, upload, blobsOf(completed.parts));
    return completed;
  });
  return { status: 200, xml: renderResult(call, bucket, object) };
}

async function readList(call: Call): Promise<ListedPart[]> {
  // Checksum headers of this request speak of the finished object, not of the XML in the body.
  const headers = new Map(call.payload.headers);
  for (const name of headers.keys()) if (name.startsWith("x-amz-checksum-")) headers.delete(name);
  const text = await readDocument({ ...call.payload, headers });
  const document = completeDocument.safeParse(parseXml(text));
  const parts = document.data?.CompleteMultipartUpload.Part ?? [];
  if (parts.length === 0 || parts.length > partNumberMax) throw new S3Error("MalformedXML");
  return parts;
}

/** The object the upload becomes, once every stated part, size and checksum has been found right. */
async function assemble(
  call: Call,
  upload: Upload,
  listed: readonly ListedPart[],
): Promise<ObjectRecord> {
  const parts = listed.map((part, index) => {
    const previous = listed[index - 1];
    if (previous !== undefined && previous.PartNumber >= part.PartNumber) {
      throw new S3Error("InvalidPartOrder", { details: { UploadId: upload.id } });
    }
    return findPart(upload, part);
  });
  for (const part of parts.slice(0, -1)) {
    if (part.sizeBytes >= partBytesMin) continue;
    const details = { ProposedSize: part.sizeBytes, MinSizeAllowed: partBytesMin };
    throw new S3Error("EntityTooSmall", { details: { ...details, PartNumber: part.partNumber } });
  }
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const statedSize = call.request.headers.get("x-amz-mp-object-size");
  if (statedSize !== undefined && Number(statedSize) !== sizeBytes) {
    const message = "The provided 'x-amz-mp-object-size' header does not match what was computed.";
    throw new S3Error("InvalidRequest", { message });
  }
  const md5s = createHash("md5");
  for (const part of parts) md5s.update(part.etag, "hex");
  const checksum = await checkObjectChecksum(call, upload, parts);
  return {
    key: upload.key,
    etag: `${md5s.digest("hex")}-${parts.length}`,
    sizeBytes,
    modifiedAtMs: call.nowMs(),
    headers: upload.headers,
    ...(checksum === undefined ? {} : { checksum }),
    uploadId: upload.id,
    parts,
  };
}

function findPart(upload: Upload, listed: ListedPart): PartRecord {
  const part = upload.parts.get(listed.PartNumber);
  const details = { UploadId: upload.id, PartNumber: listed.PartNumber, ETag: listed.ETag };
  if (part === undefined || listed.ETag.replaceAll('"', "") !== part.etag) {
    throw new S3Error("InvalidPart", { details });
  }
  for (const algorithm of algorithms) {
    const stated = listed[`Checksum${algorithm}`];
    const isKnown = part.checksum?.algorithm === algorithm;
    if (stated !== undefined && (!isKnown || part.checksum?.value !== stated)) {
      throw new S3Error("InvalidPart", { details });
    }
  }
  const plan = upload.checksumPlan;
  if (plan?.type === "COMPOSITE" && listed[`Checksum${plan.algorithm}`] === undefined) {
    const name = plan.algorithm.toLowerCase();
    const message = `The upload was created using a ${name} checksum. The complete request must include the checksum for each part. It was missing for part ${listed.PartNumber} in the request.`;
    throw new S3Error("InvalidRequest", { message });
  }
  return part;
}

async function checkObjectChecksum(
  call: Call,
  upload: Upload,
  parts: readonly PartRecord[],
): Promise<ObjectRecord["checksum"]> {
  const plan = upload.checksumPlan;
  const stated = statedChecksum(call.request.headers);
  const statedType = call.request.headers.get("x-amz-checksum-type")?.toUpperCase();
  const isSamePlan =
    (stated === undefined || stated.algorithm === plan?.algorithm) &&
    (statedType === undefined || statedType === plan?.type);
  if (!isSamePlan) {
    const message = "The checksum's algorithm or type is not the one the upload was created with.";
    throw new S3Error("InvalidRequest", { message });
  }
  if (plan === undefined) return undefined;
  const checksums = parts.map((part) => ({
    // Parts of an upload with a plan are always stored with their checksum.
    value: part.checksum?.value ?? "",
    sizeBytes: part.sizeBytes,
  }));
  const value = await combineParts(plan, checksums);
  if (stated !== undefined && stated.value !== value) {
    const message = `The ${plan.algorithm} you specified did not match the calculated checksum.`;
    throw new S3Error("BadDigest", { message });
  }
  return { ...plan, value };
}

function renderResult(call: Call, bucket: Bucket, object: ObjectRecord): string {
  const { checksum } = object;
  const host = call.request.headers.get("host") ?? "";
  return renderXml("CompleteMultipartUploadResult", {
    Location: `http://${host}/${bucket.name}/${encodeURIComponent(object.key)}`,
    Bucket: bucket.name,
    Key: object.key,
    ETag: `"${object.etag}"`,
    ...(checksum === undefined
      ? {}
      : { [elementOf(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
  });
}
