/**
 * Writing objects: PutObject, DeleteObject, DeleteObjects.
 *
 * Promises that an object becomes visible only whole and checked, and that of two writers of one key the later commit
 * wins entirely.
 */
import { z } from "zod";
import type { Bucket } from "./bucket.ts";
import { checkWriteConditions } from "./conditions.ts";
import { S3Error } from "./errors.ts";
import { storeBody } from "./intake.ts";
import { describeChecksum, readObjectHeaders } from "./object-headers.ts";
import { bucketOf, type Call, type Reply } from "./operation.ts";
import { readDocument } from "./payload.ts";
import type { ObjectRecord } from "./records.ts";
import { putObject as commitObject, keyLock, removeObject } from "./store.ts";
import { parseXml, renderXml, repeated } from "./xml.ts";

export async function putObject(call: Call): Promise<Reply> {
  const { request } = call;
  const bucket = bucketOf(call);
  const headers = readObjectHeaders(request);
  // Checked again under the lock; here it spares receiving a body that will be refused.
  checkWriteConditions(request, bucket.objects.get(request.key));
  return storeBody(
    { bucket, payload: call.payload },
    async ({ blob, sizeBytes, md5, checksum }) => {
      const uploadedAtMs = call.nowMs();
      const object: ObjectRecord = {
        key: request.key,
        etag: md5,
        sizeBytes,
        modifiedAtMs: uploadedAtMs,
        headers,
        ...(checksum === undefined ? {} : { checksum: { ...checksum, type: "FULL_OBJECT" } }),
        parts: [{ partNumber: 1, blob, sizeBytes, etag: md5, uploadedAtMs }],
      };
      await call.store.locks.run(keyLock(bucket, object.key), async () => {
        // The bucket or the key may have changed while the body arrived.
        bucketOf(call);
        checkWriteConditions(request, bucket.objects.get(object.key));
        await commitObject(bucket, object);
      });
      const checksumHeaders =
        object.checksum === undefined ? {} : describeChecksum(object.checksum);
      return { status: 200, headers: { etag: `"${md5}"`, ...checksumHeaders } };
    },
  );
}

export async function deleteObject(call: Call): Promise<Reply> {
  await deleteKey(call, bucketOf(call), call.request.key);
  return { status: 204 };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const deleteCountMax = 1000;

const deleteDocument = z.object({
  Delete: z.object({
    Object: repeated(z.object({ Key: z.string().min(1) })),
    Quiet: z.enum(["true", "false"]).optional(),
  }),
});

export async function deleteObjects(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const document = deleteDocument.safeParse(parseXml(await readDocument(call.payload)));
  const keys = document.data?.Delete.Object.map((item) => item.Key) ?? [];
  if (!document.success || keys.length === 0 || keys.length > deleteCountMax) {
    throw new S3Error("MalformedXML");
  }
  for (const key of keys) await deleteKey(call, bucket, key);
  const isQuiet = document.data.Delete.Quiet === "true";
  const deleted = isQuiet ? [] : keys.map((key) => ({ Key: key }));
  return { status: 200, xml: renderXml("DeleteResult", { Deleted: deleted }) };
}

async function deleteKey(call: Call, bucket: Bucket, key: string): Promise<void> {
  await call.store.locks.run(keyLock(bucket, key), async () => {
    const object = bucket.objects.get(key);
    if (object !== undefined) await removeObject(bucket, object);
  });
}
