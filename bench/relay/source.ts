/**
 * The source: the embedded S3 in a process of its own, with one object in it that was uploaded in parts and is read with
 * signed ranged GETs. Under latency, a proxy in front of it holds every request back.
 */
import { createServer, request } from "node:http";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createS3Storage, s3ClientConfig } from "@clipcast/core/storage";
import { crc32Of } from "@clipcast/core/testing";
import { partRange, planParts } from "@clipcast/core/uploads";
import { startS3 } from "@clipcast/local/s3";
import { serveParent } from "../child.ts";
import { listen } from "../listen.ts";
import { byteAt, contentType, runBytes, type Storage, sourceSchema } from "./protocol.ts";

const bucket = "bench";
const key = "uploads/bench/video";
const region = "us-east-1";
const credentials = { accessKeyId: "bench", secretAccessKey: "not-a-secret" };
/** Longer than any bench. */
const urlSeconds = 24 * 3600;

await serveParent(sourceSchema, async ({ dir, bytes, firstByteMs }): Promise<Storage> => {
  const s3 = await startS3({ dir, port: 0, region, ...credentials });
  const etag = await upload(connect(s3.url), bytes);
  const endpoint = firstByteMs === 0 ? s3.url : await startProxy(s3.port, firstByteMs);
  const client = connect(endpoint);
  const object = { Bucket: bucket, Key: key };
  const expiresIn = urlSeconds;
  const [getUrl, headUrl] = await Promise.all([
    getSignedUrl(client, new GetObjectCommand(object), { expiresIn }),
    getSignedUrl(client, new HeadObjectCommand(object), { expiresIn }),
  ]);
  return { endpoint, region, ...credentials, bucket, key, etag, getUrl, headUrl };
});

function connect(endpoint: string): S3Client {
  return new S3Client({ ...s3ClientConfig, endpoint, region, credentials, forcePathStyle: true });
}

async function upload(client: S3Client, bytes: number): Promise<string> {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const storage = createS3Storage({ client, bucket });
  const uploadId = await storage.createUpload({ key, contentType });
  const plan = { ...planParts(bytes), bytes };
  for (let partNumber = 1; partNumber <= plan.partCount; partNumber += 1) {
    const part = partRange(plan, partNumber);
    const body = contentOf(part.firstByte, part.bytes);
    const ticket = { key, uploadId, partNumber, bytes: part.bytes, expiresInSeconds: urlSeconds };
    const { url, headers } = await storage.signPart({ ...ticket, crc32: crc32Of(body) });
    const answer = await fetch(url, { method: "PUT", headers, body });
    if (!answer.ok) throw new Error(`part ${partNumber} was refused with ${answer.status}`);
  }
  const parts = await storage.listParts({ key, uploadId });
  const etag = parts && (await storage.completeUpload({ key, uploadId, parts }));
  if (etag === null) throw new Error("the upload was lost");
  return etag;
}

/** Parts begin on whole runs, so each run has one value. */
function contentOf(firstByte: number, bytes: number): Buffer<ArrayBuffer> {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += runBytes)
    content.fill(byteAt(firstByte + at), at, at + runBytes);
  return content;
}

/** The signature names the proxy's host, which is passed on as it came. */
function startProxy(port: number, delayMs: number): Promise<string> {
  const proxy = createServer((message, response) => {
    setTimeout(() => {
      const { method, url, headers } = message;
      const onward = request({ port, host: "127.0.0.1", method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      message.pipe(onward);
    }, delayMs);
  });
  return listen(proxy);
}
