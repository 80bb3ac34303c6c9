/**
 * The embedded host with the project's own functions, in a process of its own. Its S3 holds the object that all contenders
 * read; its Relay function, woken by its queue and keeping its checkpoints in its DynamoDB, is "ours". TikTok is the sink.
 * What latency and TLS are stands in front of S3, as a process that takes none of the host's time.
 */
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
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
import { startLocal } from "@clipcast/local";
import { serveParent, startChild } from "../child.ts";
import { listen } from "../listen.ts";
import { createOurs } from "./ours.ts";
import {
  contentOf,
  contentType,
  frontAddressSchema,
  type HostAddress,
  type HostInput,
  hostSchema,
} from "./protocol.ts";

const bucket = "bench";
const key = "uploads/bench/video";
/** Longer than any bench. */
const urlSeconds = 24 * 3600;

await serveParent(hostSchema, async (input): Promise<HostAddress> => {
  const relayEnvironment: Record<string, string> = {
    SST_RESOURCE_TikTok: JSON.stringify({
      authorizeUrl: input.tiktokUrl,
      apiUrl: input.tiktokUrl,
      uploadHostSuffix: "127.0.0.1",
    }),
    ...(input.certificate && { NODE_EXTRA_CA_CERTS: input.certificate.certPath }),
  };
  const host = await startLocal({
    dir: input.dir,
    port: 0,
    schedules: false,
    settings: { maxFileBytes: Math.max(input.bytes, 2 ** 32) },
    environment: (functionName) => (functionName === "Relay" ? relayEnvironment : {}),
  });
  const { region, accessKeyId, secretAccessKey } = host.endpoints;
  const connect = (endpoint: string) =>
    new S3Client({
      ...s3ClientConfig,
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
    });
  const isPlain = input.firstByteMs === 0 && input.certificate === null;
  const endpoint = isPlain ? host.s3Url : await startFront(host.s3Url, input);
  relayEnvironment.AWS_ENDPOINT_URL_S3 = endpoint;
  const etag = await upload(connect(host.s3Url), input.bytes);
  const object = { Bucket: bucket, Key: key };
  const outside = connect(endpoint);
  const [getUrl, headUrl] = await Promise.all([
    getSignedUrl(outside, new GetObjectCommand(object), { expiresIn: urlSeconds }),
    getSignedUrl(outside, new HeadObjectCommand(object), { expiresIn: urlSeconds }),
  ]);
  const ours = await createOurs(host, input);
  const control = createServer((message, response) => {
    ours(decodeURIComponent(message.url?.slice(1) ?? "")).then(
      (figures) => response.end(JSON.stringify(figures)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const access = { endpoint, region, accessKeyId, secretAccessKey };
  const storage = { ...access, bucket, key, etag, getUrl, headUrl };
  return { storage, controlUrl: await listen(control) };
});

/** The signature names the front's host, which is passed on as it came. */
async function startFront(url: string, { firstByteMs, certificate }: HostInput): Promise<string> {
  const front = await startChild({
    path: fileURLToPath(new URL("./front.ts", import.meta.url)),
    input: { url, firstByteMs, certificate },
    answer: frontAddressSchema,
  });
  return front.answer.url;
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
