import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import {
  createRangeReader,
  createS3Storage,
  type SignedPut,
  s3ClientConfig,
} from "../../../core/src/storage/index.ts";
import { createWire } from "../../../core/src/wire/index.ts";
import { describeStorage } from "../../../core/test/contract/storage.ts";
import { startS3 } from "../../src/s3/index.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "a secret" };

async function putPart({ url, headers }: SignedPut, bytes: Buffer): Promise<void> {
  const answer = await fetch(url, { method: "PUT", headers, body: new Uint8Array(bytes) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`storage answered ${answer.status}: ${text}`);
}

describeStorage("createS3Storage and createRangeReader on local S3", async () => {
  const dir = await mkdtemp(join(tmpdir(), "contract-s3-"));
  const server = await startS3({ dir, port: 0, region: "us-east-1", ...credentials });
  const client = new S3Client({
    ...s3ClientConfig,
    endpoint: server.url,
    region: "us-east-1",
    credentials,
    maxAttempts: 1,
  });
  const bucket = "videos";
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const clock = { nowMs: () => 0 };
  const wire = createWire({ clock });
  return {
    storage: createS3Storage({ client, bucket }),
    ranges: createRangeReader({ client, bucket, wire, clock }),
    putPart,
    async close() {
      wire.close();
      client.destroy();
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
});
