/** The naive way: the AWS SDK reads a whole chunk into memory, then `fetch` sends it. */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Contender } from "./contender.ts";
import { chunksOf, contentType } from "./protocol.ts";

export const buffered: Contender = async ({ storage, uploadUrl, bytes, plan }) => {
  const { endpoint, region, bucket: Bucket, key: Key, ...credentials } = storage;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const { firstByte, lastByte } of chunksOf(bytes, plan)) {
    const Range = `bytes=${firstByte}-${lastByte}`;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
    const body = await Body?.transformToByteArray();
    const headers = {
      "content-type": contentType,
      "content-range": `bytes ${firstByte}-${lastByte}/${bytes}`,
    };
    const answer = await fetch(uploadUrl, {
      method: "PUT",
      headers,
      // The SDK's type allows shared memory, which it never answers.
      body: body as Uint8Array<ArrayBuffer>,
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`a chunk was refused with ${answer.status}`);
  }
  return null;
};
