/** Reads what the system keeps, behind its back: the table's publications, bucket, queues, and TikTok's side of it. */
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { readTikTokSide, type TikTokSide } from "../demo/tiktok-side.ts";
import type { Started } from "./wire.ts";

const publicationSchema = z.object({
  id: z.string(),
  openId: z.string(),
  status: z.string(),
  attempt: z.number(),
  lease: z.object({ owner: z.string() }).nullable(),
  post: z.object({ title: z.string() }),
  upload: z.object({ key: z.string(), etag: z.string().nullable(), isRemoved: z.boolean() }),
  failure: z.object({ code: z.string(), isRetryable: z.boolean() }).nullable(),
  postIds: z.array(z.string()),
  dueAtMs: z.number().nullable(),
});
export type StoredRecord = z.infer<typeof publicationSchema>;

export interface Sight {
  records: StoredRecord[];
  objectKeys: string[];
  openUploadKeys: string[];
  /** Messages in the dead-letter queue. */
  deadLetters: number;
  tikTok: TikTokSide;
}

export interface Depth {
  visible: number;
  inFlight: number;
  delayed: number;
}

export async function readRecords(place: Started): Promise<StoredRecord[]> {
  const client = new DynamoDBClient({ ...connection(place), endpoint: place.endpoints.dynamodb });
  try {
    const records: StoredRecord[] = [];
    const pages = paginateScan({ client }, { TableName: place.tableName, ConsistentRead: true });
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        const { sk, data } = item;
        if (!sk?.S?.startsWith("PUBLICATION#") || data === undefined) continue;
        records.push(publicationSchema.parse(decode(data)));
      }
    }
    return records;
  } finally {
    client.destroy();
  }
}

export async function look(place: Started): Promise<Sight> {
  const Bucket = place.bucketName;
  const s3 = new S3Client({
    ...connection(place),
    endpoint: place.endpoints.s3,
    forcePathStyle: true,
  });
  try {
    const objects = await s3.send(new ListObjectsV2Command({ Bucket }));
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    return {
      records: await readRecords(place),
      objectKeys: (objects.Contents ?? []).map(({ Key = "" }) => Key),
      openUploadKeys: (uploads.Uploads ?? []).map(({ Key = "" }) => Key),
      deadLetters: await countDeadLetters(place),
      tikTok: await readTikTokSide(place.sandboxUrl),
    };
  } finally {
    s3.destroy();
  }
}

export async function readDepth(place: Started, queueUrl: string): Promise<Depth> {
  const sqs = new SQSClient({ ...connection(place), endpoint: place.endpoints.sqs });
  try {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] }),
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
    };
  } finally {
    sqs.destroy();
  }
}

async function countDeadLetters(place: Started): Promise<number> {
  const { visible, inFlight, delayed } = await readDepth(place, place.deadQueueUrl);
  return visible + inFlight + delayed;
}

function connection({ endpoints }: Started) {
  const { region, accessKeyId, secretAccessKey } = endpoints;
  return { region, credentials: { accessKeyId, secretAccessKey } };
}

/** DynamoDB's types as far as records use them. */
function decode(value: AttributeValue): unknown {
  if (value.M !== undefined) {
    return Object.fromEntries(Object.entries(value.M).map(([name, item]) => [name, decode(item)]));
  }
  if (value.L !== undefined) return value.L.map(decode);
  if (value.N !== undefined) return Number(value.N);
  return value.NULL === true ? null : (value.S ?? value.BOOL);
}
