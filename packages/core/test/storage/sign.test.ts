/** Part URLs are byte for byte what the SDK's own `getSignedUrl` answers, whatever the client, the key and the part. */
import { S3Client, type S3ClientConfig, UploadPartCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createS3Storage, s3ClientConfig } from "../../src/storage/index.ts";

const checksumHeader = "x-amz-checksum-crc32";
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const sessionToken = "FwoGZX/+Ivy=~!'()*";

const clients: Record<string, S3ClientConfig> = {
  "a long-lived key": { region: "eu-west-1", credentials },
  "a role's session": { region: "us-east-1", credentials: { ...credentials, sessionToken } },
  "an endpoint with a port and the bucket in its path": {
    region: "us-east-1",
    credentials,
    endpoint: "http://127.0.0.1:4566",
    forcePathStyle: true,
  },
  "dual stack": { region: "ap-south-1", credentials, useDualstackEndpoint: true },
};
const bucketNames = ["videos", "videos.with.dots"];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 11, 31, 23, 59, 59) });
});
afterEach(() => {
  vi.useRealTimers();
});

const part = fc.record({
  key: fc
    .array(fc.stringMatching(/^[A-Za-z0-9 _~!'()*+&=-]{1,12}$/), { minLength: 1, maxLength: 4 })
    .map((segments) => segments.join("/")),
  uploadId: fc.stringMatching(/^[A-Za-z0-9._~+/=!*-]{1,60}$/),
  partNumber: fc.integer({ min: 1, max: 10_000 }),
  bytes: fc.integer({ min: 0, max: 5 * 1024 ** 3 }),
  crc32: fc
    .uint8Array({ minLength: 4, maxLength: 4 })
    .map((b) => Buffer.from(b).toString("base64")),
  expiresInSeconds: fc.integer({ min: 1, max: 900 }),
});

const cases = Object.entries(clients).flatMap(([name, config]) =>
  bucketNames.map((bucket) => ({ name, config, bucket })),
);

it.each(cases)("signs in $bucket with $name as the SDK does", async ({ config, bucket }) => {
  const client = new S3Client({ ...s3ClientConfig, ...config });
  const storage = createS3Storage({ client, bucket });
  const check = fc.asyncProperty(part, async (given) => {
    const { key, uploadId, partNumber, bytes, crc32, expiresInSeconds } = given;
    const command = new UploadPartCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      PartNumber: partNumber,
      ContentLength: bytes,
      ChecksumCRC32: crc32,
    });
    const expected = await getSignedUrl(client, command, {
      expiresIn: expiresInSeconds,
      signableHeaders: new Set(["host", "content-length"]),
      unhoistableHeaders: new Set(["content-length", checksumHeader]),
    });
    expect(await storage.signPart(given)).toEqual({
      url: expected,
      headers: { [checksumHeader]: crc32 },
    });
  });
  await fc.assert(check, { numRuns: 60 });
});

it("signs with the credentials of the moment, not with those of the first part", async () => {
  let session = 0;
  const client = new S3Client({
    ...s3ClientConfig,
    region: "us-east-1",
    credentials: async () => {
      session += 1;
      return { ...credentials, sessionToken: `session-${session}`, expiration: new Date(0) };
    },
  });
  const storage = createS3Storage({ client, bucket: "videos" });
  const tokens = [];
  for (const partNumber of [1, 2]) {
    const given = { key: "k", uploadId: "u", partNumber, bytes: 1, crc32: "AAAAAA==" };
    const { url } = await storage.signPart({ ...given, expiresInSeconds: 60 });
    tokens.push(new URL(url).searchParams.get("X-Amz-Security-Token"));
  }
  expect(new Set(tokens).size).toBe(2);
});

it("tries again after the client could not say where the bucket is", async () => {
  let isReady = false;
  const client = new S3Client({
    ...s3ClientConfig,
    region: "us-east-1",
    credentials: async () => {
      if (!isReady) throw new Error("no credentials yet");
      return credentials;
    },
  });
  const storage = createS3Storage({ client, bucket: "videos" });
  const given = { key: "k", uploadId: "u", partNumber: 1, bytes: 1, crc32: "AAAAAA==" };
  const sign = () => storage.signPart({ ...given, expiresInSeconds: 60 });
  await expect(sign()).rejects.toThrow("no credentials yet");
  isReady = true;
  expect((await sign()).url).toContain("https://videos.s3.us-east-1.amazonaws.com/k?");
});
