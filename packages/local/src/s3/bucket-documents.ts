/**
 * A bucket's configuration documents (CORS, lifecycle, notification): stored as sent, once they have been understood.
 *
 * CORS is applied by cors.ts and lifecycle by lifecycle.ts. Notifications are only kept: nothing here sends events.
 */
import { z } from "zod";
import type { DocumentName } from "./bucket.ts";
import { corsDocument } from "./cors.ts";
import { type ErrorCode, S3Error } from "./errors.ts";
import { lifecycleDocument } from "./lifecycle.ts";
import { bucketOf, type Call, type Operation, type Reply } from "./operation.ts";
import { readDocument } from "./payload.ts";
import { putDocument, removeDocument } from "./store.ts";
import { parseXml, renderXml, structure } from "./xml.ts";

type DocumentKind = {
  name: DocumentName;
  schema: z.ZodType;
  /** What reading answers when nothing was stored: an error's code, or an empty document. */
  absent: ErrorCode | { emptyRoot: string };
};

const notificationDocument = z.object({
  NotificationConfiguration: structure(z.record(z.string(), z.unknown())),
});

const cors: DocumentKind = {
  name: "cors",
  schema: corsDocument,
  absent: "NoSuchCORSConfiguration",
};
const lifecycle: DocumentKind = {
  name: "lifecycle",
  schema: lifecycleDocument,
  absent: "NoSuchLifecycleConfiguration",
};
const notification: DocumentKind = {
  name: "notification",
  schema: notificationDocument,
  absent: { emptyRoot: "NotificationConfiguration" },
};

export const putBucketCors = putting(cors);
export const getBucketCors = getting(cors);
export const deleteBucketCors = deleting(cors);
export const putBucketLifecycle = putting(lifecycle);
export const getBucketLifecycle = getting(lifecycle);
export const deleteBucketLifecycle = deleting(lifecycle);
export const putBucketNotification = putting(notification);
export const getBucketNotification = getting(notification);

function putting(kind: DocumentKind): Operation {
  return async (call: Call): Promise<Reply> => {
    const bucket = bucketOf(call);
    const text = await readDocument(call.payload);
    if (!kind.schema.safeParse(parseXml(text)).success) throw new S3Error("MalformedXML");
    await call.store.locks.run(`document ${bucket.name} ${kind.name}`, () =>
      putDocument(bucket, kind.name, text),
    );
    return { status: 200 };
  };
}

function getting(kind: DocumentKind): Operation {
  return async (call: Call): Promise<Reply> => {
    const xml = bucketOf(call).documents.get(kind.name);
    if (xml !== undefined) return { status: 200, xml };
    if (typeof kind.absent === "string") throw new S3Error(kind.absent);
    return { status: 200, xml: renderXml(kind.absent.emptyRoot, {}) };
  };
}

function deleting(kind: DocumentKind): Operation {
  return async (call: Call): Promise<Reply> => {
    const bucket = bucketOf(call);
    await call.store.locks.run(`document ${bucket.name} ${kind.name}`, () =>
      removeDocument(bucket, kind.name),
    );
    return { status: 204 };
  };
}
