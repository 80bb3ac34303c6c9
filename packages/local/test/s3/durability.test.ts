/** What survives: restarts, cut connections, readers and writers in each other's way. */
import { once } from "node:events";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { get, type IncomingMessage, request as openRequest } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListPartsCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import { startS3 } from "../../src/s3/index.ts";
import {
  begin,
  blobFiles,
  bucket,
  complete,
  credentials,
  eventually,
  type Harness,
  MiB,
  noise,
  put,
  putMultipart,
  putObject,
  read,
  region,
  sendParts,
  signPart,
  startHarness,
} from "./harness.ts";

const key = "clip.mp4";
/** More than the sockets' buffers on both sides take, so that a download cannot end unread. */
const bigBytes = 24 * MiB;
const first = noise(5 * MiB, 1);
const last = noise(1000, 2);

describe("a restart", () => {
  it("keeps objects, and uploads in the middle", async () => {
    const harness = await startHarness();
    await putMultipart(harness, "done", [first, last]);
    const uploadId = await begin(harness, key, { Metadata: { owner: "u1" } });
    const etags = await sendParts(harness, { key, uploadId }, [first]);
    await harness.restart();
    expect((await read(harness, "done")).bytes.equals(Buffer.concat([first, last]))).toBe(true);
    const url = await signPart(harness, { key, uploadId, partNumber: 2 });
    etags.push((await put(url, last)).headers.get("etag") ?? "");
    await complete(harness, { key, uploadId }, etags);
    const { bytes, output } = await read(harness, key);
    expect(bytes.equals(Buffer.concat([first, last]))).toBe(true);
    expect(output.Metadata).toEqual({ owner: "u1" });
  });

  it("still recognises a completion that is repeated", async () => {
    const harness = await startHarness();
    const { uploadId, etags, etag } = await putMultipart(harness, key, [first, last]);
    await harness.restart();
    expect((await complete(harness, { key, uploadId }, etags)).ETag).toBe(etag);
  });

  it("finishes a completion that crashed between its object and its upload's removal", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const etags = await sendParts(harness, { key, uploadId }, [first, last]);
    const folder = join(harness.dir, bucket, "uploads", uploadId);
    await cp(folder, join(harness.dir, "aside"), { recursive: true });
    await complete(harness, { key, uploadId }, etags.slice(0, 1));
    await cp(join(harness.dir, "aside"), folder, { recursive: true });
    await harness.restart();
    expect(await readdir(join(harness.dir, bucket, "uploads"))).toEqual([]);
    expect(await blobFiles(harness)).toHaveLength(1);
    expect((await read(harness, key)).bytes.equals(first)).toBe(true);
  });

  it("clears away what a crash left, and only that", async () => {
    const harness = await startHarness();
    await putObject(harness, key, "content");
    const folder = join(harness.dir, bucket);
    const uploadId = await begin(harness, key);
    await sendParts(harness, { key, uploadId }, [last]);
    await writeFile(join(folder, "blobs", "0".repeat(32)), "half a part");
    await writeFile(join(folder, "objects", "x.json.abc.tmp"), "{");
    await mkdir(join(folder, "uploads", "without-record"));
    await harness.restart();
    expect(await blobFiles(harness)).toHaveLength(2);
    expect(await readdir(join(folder, "objects"))).toHaveLength(1);
    expect(await readdir(join(folder, "uploads"))).toEqual([uploadId]);
    expect((await read(harness, key)).bytes.toString()).toBe("content");
  });
});

describe("a connection cut in the middle", () => {
  it("of a part stores nothing", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const url = await signPart(harness, { key, uploadId, partNumber: 1 });
    const upload = openRequest(url, { method: "PUT", headers: { "content-length": MiB } });
    upload.on("error", () => {});
    upload.write(Buffer.alloc(MiB / 2));
    await eventually(async () => expect(await blobFiles(harness)).toHaveLength(1));
    upload.destroy();
    await eventually(() => expect(lastRecord(harness).operation).toBe("UploadPart"));
    expect(lastRecord(harness)).toMatchObject({ status: 400, code: "IncompleteBody" });
    expect(await blobFiles(harness)).toEqual([]);
    const at = { Bucket: bucket, Key: key, UploadId: uploadId };
    expect((await harness.client.send(new ListPartsCommand(at))).Parts ?? []).toEqual([]);
    expect(harness.failures).toEqual([]);
  });

  it("of a download stops reading", async () => {
    const harness = await startHarness();
    const body = Buffer.alloc(bigBytes);
    await putObject(harness, key, body);
    const download = await openDownload(harness);
    download.destroy();
    await eventually(() => expect(lastRecord(harness).operation).toBe("GetObject"));
    const record = lastRecord(harness);
    expect(record).toMatchObject({ status: 200, code: "ClientDisconnected" });
    expect(record.bytesOut).toBeLessThan(body.length);
    expect(harness.failures).toEqual([]);
  });
});

describe("a reader", () => {
  it("gets its object whole although it is deleted meanwhile; the file goes when the reader is done", async () => {
    const harness = await startHarness();
    const parts = [noise(bigBytes / 2, 1), noise(bigBytes / 2, 2), noise(1000, 3)];
    await putMultipart(harness, key, parts);
    const download = await openDownload(harness);
    await harness.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    expect((await blobFiles(harness)).length).toBeGreaterThan(0);
    const chunks: Buffer[] = [];
    for await (const chunk of download) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
    await eventually(async () => expect(await blobFiles(harness)).toEqual([]));
  });
});

describe("a writer", () => {
  it("whose upload is aborted meanwhile leaves nothing", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const url = await signPart(harness, { key, uploadId, partNumber: 1 });
    const upload = openRequest(url, { method: "PUT", headers: { "content-length": 10 } });
    const answered = once(upload, "response");
    upload.write("12345");
    await eventually(async () => expect(await blobFiles(harness)).toHaveLength(1));

    const at = { Bucket: bucket, Key: key, UploadId: uploadId };
    await harness.client.send(new AbortMultipartUploadCommand(at));
    upload.end("67890");
    const [answer] = (await answered) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(await blobFiles(harness)).toEqual([]);
  });

  it("that replaces an object leaves one file, however many write at once", async () => {
    const harness = await startHarness();
    const bodies = Array.from({ length: 10 }, (_, index) => `body ${index}`);
    await Promise.all(bodies.map((body) => putObject(harness, key, body)));
    expect(await blobFiles(harness)).toHaveLength(1);
    expect(bodies).toContain((await read(harness, key)).bytes.toString());
  });

  it("whose body is refused hears why, and may use its connection again", async () => {
    const harness = await startHarness();
    const url = await signPart(harness, { key, uploadId: "unknown", partNumber: 1 });
    for (let round = 0; round < 3; round += 1) {
      const answer = await put(url, noise(8 * MiB));
      expect(answer).toMatchObject({ status: 404, code: "NoSuchUpload" });
    }
  });

  it("must say how much it sends", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const url = await signPart(harness, { key, uploadId, partNumber: 1 });
    const upload = openRequest(url, { method: "PUT", headers: { "transfer-encoding": "chunked" } });
    upload.end("x");
    const [answer] = (await once(upload, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(411);
  });
});

describe("the server", () => {
  it("closes at once although a download is going on", async () => {
    const harness = await startHarness();
    await putObject(harness, key, Buffer.alloc(bigBytes));
    const download = await openDownload(harness);
    await harness.handle.close();
    // The reader notices once it reads on.
    const broken = once(download, "error");
    download.resume();
    await broken;
    expect(lastRecord(harness)).toMatchObject({ code: "ClientDisconnected" });
  });

  it("says so when its port is taken", async () => {
    const harness = await startHarness();
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const start = startS3({ dir: harness.dir, port, region, ...credentials });
    await expect(start).rejects.toMatchObject({ code: "EADDRINUSE" });
    other.close();
  });

  it("tells of each request once, without secrets", async () => {
    const harness = await startHarness();
    await putObject(harness, key, "12345");
    await read(harness, key, { Range: "bytes=0-1" });
    // A record follows its answer, so it may come after the client went on.
    await eventually(() => expect(harness.records).toHaveLength(3));
    expect(harness.records.slice(-2)).toEqual([
      { operation: "PutObject", bucket, key, status: 200, bytesIn: 5, bytesOut: 0 },
      { operation: "GetObject", bucket, key, status: 206, bytesIn: 0, bytesOut: 2 },
    ]);
  });
});

/** A download of the whole object that has begun and is not being read. */
async function openDownload(harness: Harness): Promise<IncomingMessage> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key });
  const [response] = (await once(get(await getSignedUrl(harness.client, command)), "response")) as [
    IncomingMessage,
  ];
  return response;
}

function lastRecord(harness: Harness) {
  const record = harness.records.at(-1);
  if (record === undefined) throw new Error("No request was recorded");
  return record;
}
