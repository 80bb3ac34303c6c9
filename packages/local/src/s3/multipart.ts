/**
 * Multipart uploads until their completion: CreateMultipartUpload, UploadPart, AbortMultipartUpload.
 *
 * Promises that a part is visible only once it is whole and checked, that a part number sent again replaces the former, and
 * that nothing is added to an upload that was aborted or completed meanwhile.
 */
import { randomBytes } from "node:crypto";
import type { Bucket, Upload } from "./bucket.ts";
import { type ChecksumValue, headerOf, readChecksumPlan } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import { storeBody } from "./intake.ts";
import { readObjectHeaders } from "./object-headers.ts";
import { bucketOf, type Call, type Reply } from "./operation.ts";
import { statesChecksum } from "./payload.ts";
import { addUpload, putPart, removeUpload, uploadLock } from "./store.ts";
import { renderXml } from "./xml.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const partNumberMax = 10_000;

export async function createMultipartUpload(call: Call): Promise<Reply> {
  const { request } = call;
  const bucket = bucketOf(call);
  const headers = readObjectHeaders(request);
  const checksumPlan = readChecksumPlan(request.headers);
  const initiatedAtMs = call.nowMs();
  // Ids begin with the time, so that uploads of one key are listed in the order they were begun.
  const time = initiatedAtMs.toString(16).padStart(12, "0");
  const id = `${time}${randomBytes(20).toString("hex")}`;
  await addUpload(bucket, {
    id,
    key: request.key,
    initiatedAtMs,
    headers,
    ...(checksumPlan === undefined ? {} : { checksumPlan }),
  });
  const planHeaders: Record<string, string> =
    checksumPlan === undefined
      ? {}
      : {
          "x-amz-checksum-algorithm": checksumPlan.algorithm,
          "x-amz-checksum-type": checksumPlan.type,
        };
  const xml = renderXml("InitiateMultipartUploadResult", {
    Bucket: bucket.name,
    Key: request.key,
    UploadId: id,
  });
  return { status: 200, headers: planHeaders, xml };
}

export async function uploadPart(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const upload = uploadOf(bucket, call);
  const partNumber = readPartNumber(call.request.query.get("partNumber"));
  if (call.request.headers.has("x-amz-copy-source")) {
    throw new S3Error("NotImplemented", { message: "UploadPartCopy is not implemented." });
  }
  const algorithm = upload.checksumPlan?.algorithm;
  const source = { bucket, payload: call.payload, algorithm };
  checkStated(upload, call);
  return storeBody(source, async ({ blob, sizeBytes, md5, checksum }) => {
    checkAlgorithm(upload, checksum);
    await call.store.locks.run(uploadLock(upload.id), async () => {
      // Aborted or completed while the body arrived: the part must not come back to life.
      if (bucket.uploads.get(upload.id) !== upload) throw noSuchUpload(upload.id);
      const part = { partNumber, blob, sizeBytes, etag: md5, uploadedAtMs: call.nowMs() };
      await putPart(bucket, upload, checksum === undefined ? part : { ...part, checksum });
    });
    const checksumHeaders =
      checksum === undefined ? {} : { [headerOf(checksum.algorithm)]: checksum.value };
    return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders } };
  });
}

export async function abortMultipartUpload(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const upload = uploadOf(bucket, call);
  await call.store.locks.run(uploadLock(upload.id), async () => {
    if (bucket.uploads.get(upload.id) !== upload) throw noSuchUpload(upload.id);
    await removeUpload(bucket, upload);
  });
  return { status: 204 };
}

/** An upload id is good for the key it was made for, and no other. */
export function uploadOf(bucket: Bucket, call: Call): Upload {
  const id = call.request.query.get("uploadId") ?? "";
  const upload = bucket.uploads.get(id);
  if (upload === undefined || upload.key !== call.request.key) throw noSuchUpload(id);
  return upload;
}

export function noSuchUpload(uploadId: string): S3Error {
  return new S3Error("NoSuchUpload", { details: { UploadId: uploadId } });
}

function readPartNumber(text: string | undefined): number {
  const partNumber = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (partNumber >= 1 && partNumber <= partNumberMax) return partNumber;
  throw new S3Error("InvalidArgument", {
    message: `Part number must be an integer between 1 and ${partNumberMax}, inclusive`,
    details: { ArgumentName: "partNumber", ArgumentValue: text ?? "" },
  });
}

/**
 * A composite checksum is one of checksums that the client computed, so each part has to bring its own; for a full object
 * S3 computes what is missing. (https://github.com/versity/versitygw/issues/1342 has S3's words.)
 */
function checkStated({ checksumPlan }: Upload, { payload }: Call): void {
  if (checksumPlan?.type !== "COMPOSITE" || statesChecksum(payload)) return;
  throw new S3Error("InvalidRequest", {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${checksumPlan.algorithm.toLowerCase()}, actual checksum Type: null`,
  });
}

/** All parts of an upload share the algorithm it was created with; one created without takes any. */
function checkAlgorithm(upload: Upload, checksum: ChecksumValue | undefined): void {
  const expected = upload.checksumPlan?.algorithm;
  if (expected === undefined || checksum === undefined || checksum.algorithm === expected) return;
  throw new S3Error("InvalidRequest", {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${checksum.algorithm.toLowerCase()}`,
  });
}
