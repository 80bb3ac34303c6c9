/**
 * Starts a real server on a random port over a temporary folder, with real SDK clients, and clears everything away.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  type UploadPartCommandInput,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { onTestFinished, vi } from "vitest";
import { type RequestRecord, type S3Handle, type S3Options, startS3 } from "../../src/s3/index.ts";

export const bucket = "videos";
export const region = "us-east-1";
export const credentials = { accessKeyId: "local", secretAccessKey: "a secret" };
export const MiB = 1024 * 1024;

export type Harness = {
  dir: string;
  clock: { offsetMs: number };
  records: RequestRecord[];
  failures: unknown[];
  /** Changes with a restart. */
  handle: S3Handle;
  client: S3Client;
  restart(): Promise<void>;
  connect(config?: S3ClientConfig): S3Client;
};

/** A running server with one empty bucket; stopped and deleted when the test ends. */
export async function startHarness(): Promise<Harness> {
  const dir = await mkdtemp(join(tmpdir(), "clipcast-s3-"));
  const clock = { offsetMs: 0 };
  const records: RequestRecord[] = [];
  const failures: unknown[] = [];
  const options: S3Options = {
    dir,
    port: 0,
    region,
    ...credentials,
    nowMs: () => Date.now() + clock.offsetMs,
    onRequest: (record) => records.push(record),
    onFailure: (error) => failures.push(error),
  };
  const clients: S3Client[] = [];
  const handle = await startS3(options);
  const harness: Harness = {
    dir,
    clock,
    records,
    failures,
    handle,
    client: new S3Client({}),
    async restart() {
      await harness.handle.close();
      harness.handle = await startS3(options);
      harness.client = harness.connect();
    },
    connect(config = {}) {
      const client = new S3Client({
        endpoint: harness.handle.url,
        region,
        credentials,
        forcePathStyle: true,
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
  };
  harness.client = harness.connect();
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    await harness.handle.close();
    await rm(dir, { recursive: true, force: true });
  });
  await harness.client.send(new CreateBucketCommand({ Bucket: bucket }));
  return harness;
}

export async function begin(
  harness: Harness,
  key: string,
  extra: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const command = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ...extra });
  const { UploadId } = await harness.client.send(command);
  if (UploadId === undefined) throw new Error("No upload id");
  return UploadId;
}

/** Signs a part's URL as the product does: without the checksum of an empty body. */
export function signPart(
  harness: Harness,
  part: { key: string; uploadId: string; partNumber: number } & Partial<UploadPartCommandInput>,
  options: Parameters<typeof getSignedUrl>[2] & { client?: S3Client } = {},
): Promise<string> {
  const { key, uploadId, partNumber, ...input } = part;
  const { client = harness.connect({ requestChecksumCalculation: "WHEN_REQUIRED" }), ...signing } =
    options;
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: partNumber,
    ...input,
  });
  return getSignedUrl(client, command, { expiresIn: 900, ...signing });
}

export type Answer = { status: number; code: string | undefined; headers: Headers; text: string };

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  return { status: response.status, code, headers: response.headers, text };
}

export function put(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return request(url, { method: "PUT", body, headers });
}

/** Uploads the parts through presigned URLs, numbered from 1, and returns their ETags. */
export async function sendParts(
  harness: Harness,
  upload: { key: string; uploadId: string },
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<string[]> {
  const etags: string[] = [];
  for (const [index, body] of parts.entries()) {
    const answer = await put(await signPart(harness, { ...upload, partNumber: index + 1 }), body);
    if (answer.status !== 200) throw new Error(`Part refused: ${answer.text}`);
    etags.push(answer.headers.get("etag") ?? "");
  }
  return etags;
}

export function complete(
  harness: Harness,
  upload: { key: string; uploadId: string },
  etags: readonly string[],
) {
  return harness.client.send(
    new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      MultipartUpload: { Parts: etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) },
    }),
  );
}

/** A finished multipart object of the given parts. */
export async function putMultipart(
  harness: Harness,
  key: string,
  parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<{ uploadId: string; etags: string[]; etag: string }> {
  const uploadId = await begin(harness, key);
  const etags = await sendParts(harness, { key, uploadId }, parts);
  const { ETag } = await complete(harness, { key, uploadId }, etags);
  return { uploadId, etags, etag: ETag ?? "" };
}

export function putObject(harness: Harness, key: string, body: Uint8Array | string = "x") {
  return harness.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
}

export async function read(
  harness: Harness,
  key: string,
  extra: Partial<GetObjectCommandInput> = {},
) {
  const output = await harness.client.send(
    new GetObjectCommand({ Bucket: bucket, Key: key, ...extra }),
  );
  const bytes = Buffer.from((await output.Body?.transformToByteArray()) ?? []);
  return { bytes, output, status: output.$metadata.httpStatusCode };
}

/** What a refused SDK call says. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; code: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && "$metadata" in error) {
      const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
      return { status: httpStatusCode ?? 0, code: error.name };
    }
    throw error;
  }
  throw new Error("The call was accepted");
}

export function md5(...bytes: readonly Uint8Array[]): string {
  const hash = createHash("md5");
  for (const each of bytes) hash.update(each);
  return hash.digest("hex");
}

/** Reproducible bytes that differ at every position and between seeds. */
export function noise(sizeBytes: number, seed = 1): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(sizeBytes);
  let state = seed >>> 0 || 1;
  for (let offset = 0; offset + 4 <= sizeBytes; offset += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeUInt32LE(state >>> 0, offset);
  }
  return bytes;
}

/** Waits for what follows an answer; the limit only matters when it never comes. */
export function eventually(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 60_000, interval: 5 });
}

/** Names of the data files on disk. */
export function blobFiles(harness: Harness): Promise<string[]> {
  return readdir(join(harness.dir, bucket, "blobs"));
}
