/** Single objects: what is put is read, by ranges and under conditions, listed and deleted. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import {
  blobFiles,
  bucket,
  type Harness,
  MiB,
  noise,
  putMultipart,
  putObject,
  read,
  refusal,
  request,
  startHarness,
} from "./harness.ts";

const key = "clip.mp4";

describe("a range", () => {
  const parts = [noise(5 * MiB, 1), noise(5 * MiB, 2), noise(1000, 3)];
  const whole = Buffer.concat(parts);
  const size = whole.length;

  it.each<[string, number, number]>([
    ["bytes=0-0", 0, 1],
    [`bytes=${5 * MiB - 3}-${5 * MiB + 2}`, 5 * MiB - 3, 5 * MiB + 3],
    [`bytes=${MiB}-${10 * MiB}`, MiB, 10 * MiB + 1],
    ["bytes=-10", size - 10, size],
    [`bytes=-${size + 5}`, 0, size],
    [`bytes=${size - 5}-`, size - 5, size],
    [`bytes=${size - 5}-${size + 500}`, size - 5, size],
  ])("%s answers 206 with exactly its bytes", async (Range, start, end) => {
    const harness = await startHarness();
    await putMultipart(harness, key, parts);
    const { bytes, output, status } = await read(harness, key, { Range });
    expect(status).toBe(206);
    expect(output.ContentRange).toBe(`bytes ${start}-${end - 1}/${size}`);
    expect(output.ContentLength).toBe(end - start);
    expect(bytes.equals(whole.subarray(start, end))).toBe(true);
  });

  it("that starts behind the end answers 416 and the real size", async () => {
    const harness = await startHarness();
    await putObject(harness, key, "12345");
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const answer = await request(await getSignedUrl(harness.client, command), {
      headers: { range: "bytes=5-" },
    });
    expect(answer).toMatchObject({ status: 416, code: "InvalidRange" });
    expect(answer.headers.get("content-range")).toBe("bytes */5");
  });

  it.each(["bytes=3-1", "bytes=0-1,3-4", "items=0-1", "bytes=-"])(
    "that cannot be read (%s) answers the whole object",
    async (Range) => {
      const harness = await startHarness();
      await putObject(harness, key, "12345");
      const { bytes, status } = await read(harness, key, { Range });
      expect([status, bytes.toString()]).toEqual([200, "12345"]);
    },
  );
});

describe("a condition", () => {
  async function prepare() {
    const harness = await startHarness();
    const { ETag = "" } = await putObject(harness, key, "12345");
    const { output } = await read(harness, key);
    return { harness, etag: ETag, modified: output.LastModified ?? new Date(0) };
  }

  it("that holds lets a reader through", async () => {
    const { harness, etag, modified } = await prepare();
    expect((await read(harness, key, { IfMatch: etag, Range: "bytes=0-1" })).status).toBe(206);
    expect((await read(harness, key, { IfMatch: "*" })).status).toBe(200);
    expect((await read(harness, key, { IfNoneMatch: '"other"' })).status).toBe(200);
    expect((await read(harness, key, { IfUnmodifiedSince: modified })).status).toBe(200);
  });

  it("that fails answers 412 or 304", async () => {
    const { harness, etag, modified } = await prepare();
    const hourAgo = new Date(modified.getTime() - 3_600_000);
    const status = async (condition: Parameters<typeof read>[2]) =>
      (await refusal(read(harness, key, condition))).status;
    expect(await status({ IfMatch: '"other"', Range: "bytes=0-1" })).toBe(412);
    expect(await status({ IfUnmodifiedSince: hourAgo })).toBe(412);
    expect(await status({ IfNoneMatch: etag })).toBe(304);
    expect(await status({ IfModifiedSince: modified })).toBe(304);
  });

  it("keeps a writer from replacing what it did not expect", async () => {
    const { harness, etag } = await prepare();
    const write = (condition: { IfMatch?: string; IfNoneMatch?: string }) =>
      harness.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: "new", ...condition }),
      );
    const refused = { status: 412, code: "PreconditionFailed" };
    expect(await refusal(write({ IfNoneMatch: "*" }))).toEqual(refused);
    expect(await refusal(write({ IfMatch: '"other"' }))).toEqual(refused);
    await write({ IfMatch: etag });
    expect((await read(harness, key)).bytes.toString()).toBe("new");
  });

  it("lets only one of many writers create a key", async () => {
    const harness = await startHarness();
    const writes = Array.from({ length: 8 }, (_, index) =>
      harness.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: `${index}`, IfNoneMatch: "*" }),
      ),
    );
    const settled = await Promise.allSettled(writes);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await blobFiles(harness)).toHaveLength(1);
  });
});

describe("an object", () => {
  it("may be empty", async () => {
    const harness = await startHarness();
    await putObject(harness, key, new Uint8Array(0));
    expect((await read(harness, key)).bytes).toHaveLength(0);
    expect((await refusal(read(harness, key, { Range: "bytes=0-0" }))).status).toBe(416);
  });

  it("gives back its content headers, and others when a signed URL asks for them", async () => {
    const harness = await startHarness();
    const at = { Bucket: bucket, Key: key };
    await harness.client.send(
      new PutObjectCommand({
        ...at,
        Body: "x",
        ContentType: "video/mp4",
        CacheControl: "no-store",
      }),
    );
    const head = await harness.client.send(new HeadObjectCommand(at));
    expect(head).toMatchObject({ ContentType: "video/mp4", CacheControl: "no-store" });
    const command = new GetObjectCommand({ ...at, ResponseContentDisposition: "attachment" });
    const answer = await request(await getSignedUrl(harness.client, command));
    expect(answer.headers.get("content-disposition")).toBe("attachment");
  });

  it("is gone after a deletion, file included, and may be deleted again", async () => {
    const harness = await startHarness();
    const at = { Bucket: bucket, Key: key };
    await putObject(harness, key);
    await harness.client.send(new DeleteObjectCommand(at));
    expect(await blobFiles(harness)).toEqual([]);
    expect(await refusal(read(harness, key))).toEqual({ status: 404, code: "NoSuchKey" });
    const head = harness.client.send(new HeadObjectCommand(at));
    expect(await refusal(head)).toEqual({ status: 404, code: "NotFound" });
    const again = await harness.client.send(new DeleteObjectCommand(at));
    expect(again.$metadata.httpStatusCode).toBe(204);
  });

  it("is deleted in batches", async () => {
    const harness = await startHarness();
    for (const name of ["a", "b&<", "c"]) await putObject(harness, name);
    const output = await harness.client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: [{ Key: "a" }, { Key: "b&<" }, { Key: "absent" }] },
      }),
    );
    expect(output.Deleted?.map((each) => each.Key)).toEqual(["a", "b&<", "absent"]);
    expect(await listAll(harness)).toEqual(["c"]);
  });

  it("may have any key of up to 1,024 bytes", async () => {
    const harness = await startHarness();
    const keys = ["../../escape", "CASE", "case", "a\nb", "ü".repeat(512)];
    for (const name of keys) await putObject(harness, name, name);
    for (const name of keys) expect((await read(harness, name)).bytes.toString()).toBe(name);
    const long = putObject(harness, "x".repeat(1025));
    expect(await refusal(long)).toEqual({ status: 400, code: "KeyTooLongError" });
  });

  it("has at most 2 KiB of metadata", async () => {
    const harness = await startHarness();
    const put = (sizeBytes: number) =>
      harness.client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: "x",
          Metadata: { m: "x".repeat(sizeBytes) },
        }),
      );
    expect((await refusal(put(2048))).code).toBe("MetadataTooLarge");
    await put(2047);
  });
});

describe("a list of objects", () => {
  it("is sorted by bytes and cut into pages that continue", async () => {
    const harness = await startHarness();
    const names = ["a", "a/1", "b", "\uffee", "😀"];
    for (const name of [...names].reverse()) await putObject(harness, name);
    expect(await listAll(harness, { MaxKeys: 2 })).toEqual(names);
    expect(await listAll(harness, { StartAfter: "a/1" })).toEqual(names.slice(2));
    expect(await listAll(harness, { Prefix: "a" })).toEqual(["a", "a/1"]);
  });

  it("groups by a delimiter, also across pages", async () => {
    const harness = await startHarness();
    for (const name of ["a/1", "a/2", "b", "c/1", "c/2"]) await putObject(harness, name);
    const entries: (string | undefined)[] = [];
    let token: string | undefined;
    for (let page = 0; page < 5; page += 1) {
      const output = await harness.client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Delimiter: "/",
          MaxKeys: 1,
          ContinuationToken: token,
        }),
      );
      entries.push(...(output.CommonPrefixes ?? []).map((each) => each.Prefix));
      entries.push(...(output.Contents ?? []).map((each) => each.Key));
      token = output.NextContinuationToken;
      if (token === undefined) break;
    }
    expect(entries).toEqual(["a/", "b", "c/"]);
  });
});

describe("a bucket", () => {
  it("is created once, found, listed, and deleted only when empty", async () => {
    const harness = await startHarness();
    const second = { Bucket: "second-bucket" };
    await harness.client.send(new CreateBucketCommand(second));
    await harness.client.send(new CreateBucketCommand(second));
    await harness.client.send(new HeadBucketCommand(second));
    const { Buckets } = await harness.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map((each) => each.Name)).toEqual(["second-bucket", bucket]);
    const location = await harness.client.send(new GetBucketLocationCommand(second));
    expect(location.LocationConstraint ?? "").toBe("");
    await putObject(harness, key);
    const full = harness.client.send(new DeleteBucketCommand({ Bucket: bucket }));
    expect(await refusal(full)).toEqual({ status: 409, code: "BucketNotEmpty" });
    await harness.client.send(new DeleteBucketCommand(second));
    const gone = harness.client.send(new ListObjectsV2Command(second));
    expect(await refusal(gone)).toEqual({ status: 404, code: "NoSuchBucket" });
  });

  it.each(["ab", "UPPER", "a..b", "-dash"])("may not be called %s", async (name) => {
    const harness = await startHarness();
    const call = harness.client.send(new CreateBucketCommand({ Bucket: name }));
    expect(await refusal(call)).toEqual({ status: 400, code: "InvalidBucketName" });
  });
});

async function listAll(
  harness: Harness,
  options: { MaxKeys?: number; StartAfter?: string; Prefix?: string } = {},
): Promise<string[]> {
  const names: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const output = await harness.client.send(
      new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token, ...options }),
    );
    names.push(...(output.Contents ?? []).map((each) => each.Key ?? ""));
    token = output.NextContinuationToken;
    if (token === undefined) return names;
  }
  throw new Error("The list does not end");
}
