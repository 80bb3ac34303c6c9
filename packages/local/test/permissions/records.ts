/** Puts publications and accounts into states that would take hours, or luck, to come by: a test's hands in the table. */
import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { CreateMultipartUploadCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { accountKey } from "../../../core/src/auth/accounts.ts";
import { findById, type Publication, saveNew } from "../../../core/src/publications/index.ts";
import { createKmsSealer } from "../../../core/src/system/index.ts";
import { createDynamoTable } from "../../../core/src/table/index.ts";
import type { LocalHost } from "../../src/index.ts";

export type Ids = { userId: string; publicationId: string };

export function openRecords(host: LocalHost) {
  const { region, endpoints, Bucket, TableName } = placesOf(host);
  const config = { region, credentials: endpoints };
  const dynamo = new DynamoDBClient({ ...config, endpoint: endpoints.dynamodb });
  const s3 = new S3Client({ ...config, endpoint: endpoints.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...config, endpoint: endpoints.sqs });
  const kms = new KMSClient({ ...config, endpoint: endpoints.kms });
  const sealer = createKmsSealer({ client: kms, keyId: String(host.links.SealKey?.arn) });
  const table = createDynamoTable({ client: dynamo, tableName: TableName });
  const clock = { nowMs: () => Date.now(), wait: () => Promise.resolve() };
  const deps = { table, clock, random: { bytes: (count: number) => randomBytes(count) } };
  return {
    async find(publicationId: string): Promise<Publication> {
      const stored = await findById(deps, publicationId);
      if (stored === null) throw new Error(`no publication ${publicationId}`);
      return stored.value;
    },
    /**
     * Another publication, like `base` but for `change`; with a video, and an upload of it that was left behind. With an
     * `uploadUrl`, a relay has stopped before it had sent anything there.
     */
    async add(
      base: Publication,
      change: Partial<Publication>,
      { hasVideo = true, uploadUrl }: { hasVideo?: boolean; uploadUrl?: string } = {},
    ): Promise<Ids> {
      const id = `${base.id.slice(0, 12)}${randomBytes(10).toString("hex")}`;
      const Key = `videos/${base.userId}/${id}`;
      const Body = Buffer.alloc(base.file.bytes);
      await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const put = new PutObjectCommand({ Bucket, Key, Body });
      const { ETag = "" } = hasVideo ? await s3.send(put) : { ETag: '"gone"' };
      const upload = { ...base.upload, key: Key, etag: ETag, isRemoved: false };
      const clean = { lease: null, waiting: null, failure: null, cancelRequestedAtMs: null };
      const ids = { userId: base.userId, publicationId: id };
      const begun = uploadUrl !== undefined &&
        base.task !== null && {
          task: {
            ...base.task,
            sealedUploadUrl: await sealer.seal(uploadUrl, ids),
            issuedAtMs: Date.now(),
            confirmedBytes: 0,
          },
        };
      await saveNew(deps, { ...base, ...clean, id, upload, dueAtMs: null, ...change, ...begun });
      return ids;
    },
    /** The next function that needs the account's token must ask TikTok for another. */
    async age({ userId, openId }: Publication): Promise<void> {
      const row = await table.get(accountKey(userId, openId));
      if (row === null) throw new Error("the account is stored");
      const data = { ...Object(row.data), accessExpiresAtMs: 0 };
      const isWritten = await table.put({ ...row, version: row.version + 1, data }, row.version);
      if (!isWritten) throw new Error("somebody else has written the account");
    },
    async send(QueueUrl: string, ids: Ids): Promise<void> {
      const MessageBody = JSON.stringify(ids);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    },
    /** A message is deleted once its function has answered. */
    async messageCount(QueueUrl: string): Promise<number> {
      const AttributeNames = ["All" as const];
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
    },
    close(): void {
      sqs.destroy();
      kms.destroy();
      dynamo.destroy();
      s3.destroy();
    },
  };
}

function placesOf({ endpoints, links }: LocalHost) {
  const named = (link: string) => String(links[link]?.name);
  return {
    region: endpoints.region,
    endpoints,
    Bucket: named("Bucket"),
    TableName: named("Table"),
  };
}
