import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  NoSuchUpload,
  NotFound,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { createS3Storage, s3ClientConfig } from "../../src/storage/index.ts";

const s3 = mockClient(S3Client);
const client = new S3Client({
  ...s3ClientConfig,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});
const storage = createS3Storage({ client, bucket: "videos" });
const key = "uploads/user-1/1";
const upload = { key, uploadId: "U" };

beforeEach(() => {
  s3.reset();
});

function failure(name: string): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: "client", $metadata: {} });
}
function partsFrom(first: number, count: number) {
  return Array.from({ length: count }, (_, n) => ({
    PartNumber: first + n,
    Size: 8,
    ETag: `"${first + n}"`,
    ChecksumCRC32: "AAAAAA==",
  }));
}

describe("listParts", () => {
  it("walks every page", async () => {
    s3.on(ListPartsCommand)
      .resolvesOnce({ Parts: partsFrom(1, 1_000), IsTruncated: true, NextPartNumberMarker: "1000" })
      .resolvesOnce({
        Parts: partsFrom(1_001, 1_000),
        IsTruncated: true,
        NextPartNumberMarker: "2000",
      })
      .resolvesOnce({ Parts: partsFrom(2_001, 5) });
    const parts = await storage.listParts(upload);
    expect(parts).toHaveLength(2_005);
    const last = { partNumber: 2_005, bytes: 8, etag: '"2005"', crc32: "AAAAAA==" };
    expect(parts?.at(-1)).toEqual(last);
    const markers = s3
      .commandCalls(ListPartsCommand)
      .map((call) => call.args[0].input.PartNumberMarker);
    expect(markers).toEqual([undefined, "1000", "2000"]);
  });

  it("stops at more pages than S3 can have", async () => {
    s3.on(ListPartsCommand).resolves({ Parts: [], IsTruncated: true, NextPartNumberMarker: "1" });
    await expect(storage.listParts(upload)).rejects.toThrow("no more parts than S3 allows");
    expect(s3.commandCalls(ListPartsCommand)).toHaveLength(11);
  });

  it("takes a page without parts for an empty one, and refuses half a part", async () => {
    s3.on(ListPartsCommand).resolves({});
    expect(await storage.listParts(upload)).toEqual([]);
    s3.on(ListPartsCommand).resolves({ Parts: [{ PartNumber: 1 }] });
    await expect(storage.listParts(upload)).rejects.toThrow("names each part in full");
  });

  it("is null when the upload disappears between two pages", async () => {
    s3.on(ListPartsCommand)
      .resolvesOnce({ Parts: partsFrom(1, 1_000), IsTruncated: true, NextPartNumberMarker: "1000" })
      .rejectsOnce(new NoSuchUpload({ message: "gone", $metadata: {} }));
    expect(await storage.listParts(upload)).toBeNull();
  });
});

describe("what S3 does not have", () => {
  it.each([
    new NotFound({ message: "gone", $metadata: {} }),
    failure("NotFound"),
    failure("NoSuchKey"),
  ])("is null, however S3 says it (%s)", async (error) => {
    s3.on(HeadObjectCommand).rejects(error);
    expect(await storage.head(key)).toBeNull();
  });

  it("is not what S3 refuses or cannot answer", async () => {
    for (const name of ["SlowDown", "AccessDenied", "InternalError"]) {
      s3.onAnyCommand().rejects(failure(name));
      await expect(storage.head(key)).rejects.toMatchObject({ name });
      await expect(storage.listParts(upload)).rejects.toMatchObject({ name });
      const completed = storage.completeUpload({ ...upload, parts: [] });
      await expect(completed).rejects.toMatchObject({ name });
      await expect(storage.removeAll(key)).rejects.toMatchObject({ name });
    }
    const network = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    s3.onAnyCommand().rejects(network);
    await expect(storage.head(key)).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("answers without their content", () => {
  it("stop the call instead of being believed", async () => {
    s3.on(CreateMultipartUploadCommand).resolves({});
    const opened = storage.createUpload({ key, contentType: "video/mp4" });
    await expect(opened).rejects.toThrow("an upload id");
    s3.on(CompleteMultipartUploadCommand).resolves({});
    const completed = storage.completeUpload({ ...upload, parts: [] });
    await expect(completed).rejects.toThrow("answers an ETag");
    s3.on(HeadObjectCommand).resolves({ ETag: '"1"' });
    await expect(storage.head(key)).rejects.toThrow("size and ETag");
  });
});

describe("removeAll", () => {
  const uploads = (ids: string[], at = key) => ids.map((UploadId) => ({ Key: at, UploadId }));

  it("aborts every page of its own uploads, whoever else aborts them too", async () => {
    s3.on(ListMultipartUploadsCommand)
      .resolvesOnce({ Uploads: uploads(["A", "B"]), IsTruncated: true })
      .resolvesOnce({ Uploads: [...uploads(["C"]), ...uploads(["X"], `${key}0`)] });
    s3.on(AbortMultipartUploadCommand).resolves({});
    s3.on(AbortMultipartUploadCommand, { UploadId: "B" }).rejects(failure("NoSuchUpload"));
    s3.on(DeleteObjectCommand).resolves({});
    await storage.removeAll(key);
    const aborted = s3
      .commandCalls(AbortMultipartUploadCommand)
      .map((call) => call.args[0].input.UploadId);
    expect(aborted).toEqual(["A", "B", "C"]);
    expect(s3.commandCalls(DeleteObjectCommand)).toHaveLength(1);
  });

  it("has a bound", async () => {
    s3.on(ListMultipartUploadsCommand).resolves({ IsTruncated: true });
    s3.on(DeleteObjectCommand).resolves({});
    await storage.removeAll(key);
    expect(s3.commandCalls(ListMultipartUploadsCommand)).toHaveLength(3);
  });
});

describe("signPart", () => {
  it("signs the length and the checksum as headers, so that storage compares both", async () => {
    const { url, headers } = await storage.signPart({
      ...upload,
      partNumber: 7,
      bytes: 1_000,
      crc32: "vmMhQA==",
      expiresInSeconds: 900,
    });
    expect(headers).toEqual({ "x-amz-checksum-crc32": "vmMhQA==" });
    const { searchParams } = new URL(url);
    expect(searchParams.get("X-Amz-SignedHeaders")).toBe(
      "content-length;host;x-amz-checksum-crc32",
    );
    expect(searchParams.get("X-Amz-Expires")).toBe("900");
    expect(searchParams.get("partNumber")).toBe("7");
    expect([...searchParams.keys()].filter((name) => /checksum|crc/i.test(name))).toEqual([]);
  });
});
