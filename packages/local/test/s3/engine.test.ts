/**
 * The upload engine from a file to an object: the real API in process, the embedded S3 over HTTP, and a wire that alters
 * bytes and breaks. What S3 refuses here it refuses by itself; nothing but the login is played.
 */
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HeadObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import { NetworkError } from "../../../client/src/errors.ts";
import { createNodeClient, fileSource, httpTransport } from "../../../client/src/node.ts";
import type { PartRequest, PartTransport } from "../../../client/src/transport.ts";
import { createS3Storage, s3ClientConfig } from "../../../core/src/storage/index.ts";
import { connected, openId } from "../../../functions/test/creator.ts";
import { createHarness, origin } from "../../../functions/test/harness.ts";
import { bucket, type Harness, MiB, read, startHarness } from "./harness.ts";

const goal = {
  accountId: openId,
  post: { mode: "inbox" },
  consent: { agreed: true, textVersion: "2026-11" },
} as const;

/** What the wire does to an attempt, by part and attempt, both counted from 1. */
type Trouble = (partNumber: number, attempt: number) => "altered" | "broken" | null;

let s3: Harness;
let calls: string[];
beforeEach(async () => {
  s3 = await startHarness();
  calls = [];
});

/** A signed-in client whose API keeps its uploads in the embedded S3. */
async function startClient(trouble: Trouble = () => null) {
  const api = createHarness();
  const client = s3.connect(s3ClientConfig);
  Object.assign(api.deps.storage, createS3Storage({ client, bucket }));
  const { cookies } = await connected(api);
  return createNodeClient({
    baseUrl: origin,
    headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    fetch: async (url, init) => {
      calls.push(new URL(String(url)).pathname);
      const headers = new Headers(init?.headers);
      headers.set("content-length", String(Buffer.byteLength(String(init?.body ?? ""))));
      return api.app.request(String(url), { ...init, headers });
    },
    transport: troubled(trouble),
  });
}

function troubled(trouble: Trouble): PartTransport {
  const wire = httpTransport();
  const attemptByPart = new Map<number, number>();
  return {
    isProgressive: true,
    put: async (request) => {
      const partNumber = Number(new URL(request.url).searchParams.get("partNumber"));
      const attempt = (attemptByPart.get(partNumber) ?? 0) + 1;
      attemptByPart.set(partNumber, attempt);
      const kind = trouble(partNumber, attempt);
      if (kind === null) return wire.put(request);
      if (kind === "altered") return wire.put({ ...request, body: alter(request.body) });
      await wire.put({ ...request, body: cut(request.body) }).catch(() => {});
      throw new NetworkError("network");
    },
  };
}

async function* alter(body: PartRequest["body"]): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (isFirst) chunk[0] = (chunk[0] ?? 0) ^ 1;
    isFirst = false;
    yield chunk;
  }
}

/** Breaks off after the first chunk. */
async function* cut(body: PartRequest["body"]): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    yield chunk;
    throw new Error("The wire broke.");
  }
}

const storedCount = () =>
  s3.records.filter(({ operation, status }) => operation === "UploadPart" && status === 200).length;
const head = (key: string) =>
  s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" }));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function onlyKey(): Promise<string> {
  const { Uploads } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads?.[0]?.Key ?? "";
}

it("brings a file over a wire that alters and breaks, each byte as it is", async () => {
  const content = randomBytes(5 * 5 * MiB + 12_345);
  const path = join(s3.dir, "harbour.mp4");
  writeFileSync(path, content);
  const client = await startClient((part, attempt) => {
    if (part === 2 && attempt <= 2) return "altered";
    return part === 4 && attempt === 1 ? "broken" : null;
  });

  const upload = client.upload(await fileSource(path), {
    ...goal,
    retry: { attemptsMax: 5, baseMs: 1, capMs: 1 },
  });
  await expect.poll(() => upload.state.publicationId).not.toBeNull();
  const key = await onlyKey();
  expect((await upload.done).status).toBe("queued");

  expect(sha256((await read(s3, key)).bytes)).toBe(sha256(content));
  expect(await head(key)).toMatchObject({
    ContentLength: content.length,
    ChecksumType: "COMPOSITE",
    ChecksumCRC32: expect.stringMatching(/==-6$/),
  });
  expect(s3.records.filter(({ code }) => code === "BadDigest")).toHaveLength(2);
  expect(upload.state.progress.resentBytes).toBeGreaterThan(2 * 5 * MiB);
  expect(calls.filter((path) => path.endsWith("upload-chunk")).length).toBeLessThanOrEqual(1);
});

it("takes an interrupted upload up again, with the same file only", async () => {
  const content = randomBytes(4 * 5 * MiB);
  const path = join(s3.dir, "harbour.mp4");
  writeFileSync(path, content);
  const client = await startClient((part) => (part === 3 ? "broken" : null));
  const first = client.upload(await fileSource(path), {
    ...goal,
    retry: { attemptsMax: 1, baseMs: 1, capMs: 1 },
    concurrency: 1,
  });
  await expect(first.done).rejects.toMatchObject({ code: "attempts_exhausted" });
  const publicationId = first.state.publicationId ?? "";
  const key = await onlyKey();

  const edited = join(s3.dir, "edited.mp4");
  writeFileSync(edited, Buffer.concat([Buffer.from("other"), content.subarray(5)]));
  const other = client.upload(await fileSource(edited), {
    publicationId,
    transport: httpTransport(),
  });
  await expect(other.done).rejects.toMatchObject({ code: "file_changed" });

  expect(storedCount()).toBe(2);
  const second = client.upload(await fileSource(path), {
    publicationId,
    transport: httpTransport(),
  });
  expect((await second.done).status).toBe("queued");
  expect(storedCount()).toBe(4);
  expect(sha256((await read(s3, key)).bytes)).toBe(sha256(content));
});
