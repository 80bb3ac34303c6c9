/** The stage's bucket: emptied before a run, looked into after it. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { blockBytes, type Seen, stampBytes, stampOf } from "./protocol.ts";

export const bucket = "bench";
/** Spread over the object; a part that is missing, doubled or moved shifts all that follow. */
const stampsLookedAt = 32;

export async function clearBucket(client: S3Client): Promise<void> {
  for (const { Key } of await list(client)) {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  }
}

export async function readObjects(client: S3Client): Promise<Seen["objects"]> {
  return Promise.all(
    (await list(client)).map(async ({ Key, Size = 0 }) => {
      const blocks = Math.floor(Size / blockBytes);
      const step = Math.max(1, Math.floor(blocks / stampsLookedAt));
      let hasRightBytes = true;
      for (let block = 0; block < blocks; block += step) {
        const firstByte = block * blockBytes;
        const Range = `bytes=${firstByte}-${firstByte + stampBytes - 1}`;
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key, Range }));
        const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
        hasRightBytes &&= bytes.equals(stampOf(block));
      }
      return { bytes: Size, hasRightBytes };
    }),
  );
}

/** One page: a run leaves one object. */
async function list(client: S3Client) {
  return (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? [];
}
