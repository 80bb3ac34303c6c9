/** Multipart uploads through presigned URLs, as the product makes them. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  GetObjectAttributesCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import {
  begin,
  blobFiles,
  bucket,
  complete,
  MiB,
  md5,
  noise,
  put,
  putMultipart,
  read,
  refusal,
  sendParts,
  signPart,
  startHarness,
} from "./harness.ts";

const first = noise(5 * MiB, 1);
const last = noise(MiB + 17, 2);
const key = "videos/a b+ü & <c>.mp4";

describe("a multipart upload", () => {
  it("becomes an object of its parts, with S3's ETag, headers and metadata", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key, {
      ContentType: "video/mp4",
      Metadata: { owner: "u1" },
    });
    const etags = await sendParts(harness, { key, uploadId }, [first, last]);
    expect(etags).toEqual([`"${md5(first)}"`, `"${md5(last)}"`]);
    const { ETag, Key } = await complete(harness, { key, uploadId }, etags);
    const md5s = Buffer.from(md5(first) + md5(last), "hex");
    expect(ETag).toBe(`"${md5(md5s)}-2"`);
    expect(Key).toBe(key);
    const { bytes, output } = await read(harness, key);
    expect(bytes.equals(Buffer.concat([first, last]))).toBe(true);
    expect(output.ContentType).toBe("video/mp4");
    expect(output.Metadata).toEqual({ owner: "u1" });
    expect(output.ETag).toBe(ETag);
    expect(harness.failures).toEqual([]);
  });

  it("takes over the parts' files instead of copying them", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const etags = await sendParts(harness, { key, uploadId }, [first, last]);
    const before = await blobFiles(harness);
    await complete(harness, { key, uploadId }, etags);
    expect((await blobFiles(harness)).sort()).toEqual(before.sort());
  });

  it("answers a repeated completion as the first one", async () => {
    const harness = await startHarness();
    const { uploadId, etags, etag } = await putMultipart(harness, key, [first, last]);
    expect((await complete(harness, { key, uploadId }, etags)).ETag).toBe(etag);
    const both = await Promise.all([
      complete(harness, { key, uploadId }, etags),
      complete(harness, { key, uploadId }, etags),
    ]);
    expect(both.map((output) => output.ETag)).toEqual([etag, etag]);
  });

  it("keeps the latest bytes of a part number sent twice, and no file of the former", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    await sendParts(harness, { key, uploadId }, [noise(1000, 3)]);
    const etags = await sendParts(harness, { key, uploadId }, [last]);
    expect(await blobFiles(harness)).toHaveLength(1);
    await complete(harness, { key, uploadId }, etags);
    expect((await read(harness, key)).bytes.equals(last)).toBe(true);
  });

  it("leaves out stored parts that the completion does not list", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const etags = await sendParts(harness, { key, uploadId }, [first, last]);
    await complete(harness, { key, uploadId }, etags.slice(0, 1));
    expect((await read(harness, key)).bytes.equals(first)).toBe(true);
    expect(await blobFiles(harness)).toHaveLength(1);
  });

  it("is gone after an abort, files included", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    await sendParts(harness, { key, uploadId }, [last]);
    const upload = { Bucket: bucket, Key: key, UploadId: uploadId };
    const aborted = await harness.client.send(new AbortMultipartUploadCommand(upload));
    expect(aborted.$metadata.httpStatusCode).toBe(204);
    expect(await blobFiles(harness)).toEqual([]);
    const late = await put(await signPart(harness, { key, uploadId, partNumber: 2 }), last);
    expect(late).toMatchObject({ status: 404, code: "NoSuchUpload" });
    const list = harness.client.send(new ListPartsCommand(upload));
    expect(await refusal(list)).toEqual({ status: 404, code: "NoSuchUpload" });
  });

  it("belongs to the key it was begun for", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const url = await signPart(harness, { key: "another", uploadId, partNumber: 1 });
    expect(await put(url, "x")).toMatchObject({ status: 404, code: "NoSuchUpload" });
  });

  it.each([0, 10_001])("refuses part number %i", async (partNumber) => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const answer = await put(await signPart(harness, { key, uploadId, partNumber }), "x");
    expect(answer).toMatchObject({ status: 400, code: "InvalidArgument" });
  });
});

describe("a completion", () => {
  async function refuse(parts: (etags: string[]) => { PartNumber: number; ETag: string }[]) {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const etags = await sendParts(harness, { key, uploadId }, [first, last]);
    const call = harness.client.send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts(etags) },
      }),
    );
    const answer = await refusal(call);
    // The upload is untouched: the right list still completes it.
    await complete(harness, { key, uploadId }, etags);
    return answer;
  }

  it("refuses a wrong ETag", async () => {
    const answer = await refuse(([, two = ""]) => [
      { PartNumber: 1, ETag: `"${"0".repeat(32)}"` },
      { PartNumber: 2, ETag: two },
    ]);
    expect(answer).toEqual({ status: 400, code: "InvalidPart" });
  });

  it("refuses a part that was never sent", async () => {
    const answer = await refuse(([one = ""]) => [
      { PartNumber: 1, ETag: one },
      { PartNumber: 3, ETag: one },
    ]);
    expect(answer).toEqual({ status: 400, code: "InvalidPart" });
  });

  it("refuses parts out of order, and one listed twice", async () => {
    const swapped = await refuse(([one = "", two = ""]) => [
      { PartNumber: 2, ETag: two },
      { PartNumber: 1, ETag: one },
    ]);
    const doubled = await refuse(([one = ""]) => [
      { PartNumber: 1, ETag: one },
      { PartNumber: 1, ETag: one },
    ]);
    expect([swapped.code, doubled.code]).toEqual(["InvalidPartOrder", "InvalidPartOrder"]);
  });

  it("refuses an empty list", async () => {
    expect(await refuse(() => [])).toEqual({ status: 400, code: "MalformedXML" });
  });

  it("refuses a part below 5 MiB unless it is the last", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const etags = await sendParts(harness, { key, uploadId }, [first.subarray(1), last]);
    const answer = await refusal(complete(harness, { key, uploadId }, etags));
    expect(answer).toEqual({ status: 400, code: "EntityTooSmall" });
  });

  it("refuses a stated size that differs from the parts' sum", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const [ETag = ""] = await sendParts(harness, { key, uploadId }, [last]);
    const send = (MpuObjectSize: number) =>
      harness.client.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          MpuObjectSize,
          MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
        }),
      );
    expect((await refusal(send(last.length + 1))).code).toBe("InvalidRequest");
    await send(last.length);
  });

  it("reads a long list of parts", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const [etag = ""] = await sendParts(harness, { key, uploadId }, [last]);
    const answer = await refusal(complete(harness, { key, uploadId }, Array(3000).fill(etag)));
    // Understood to the end of the list: it is the missing second part that is refused.
    expect(answer).toEqual({ status: 400, code: "InvalidPart" });
  });
});

describe("lists of uploads and parts", () => {
  it("list parts with sizes and ETags, page by page", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const bodies = [noise(10, 1), noise(20, 2), noise(30, 3)];
    const etags = await sendParts(harness, { key, uploadId }, bodies);
    const upload = { Bucket: bucket, Key: key, UploadId: uploadId };
    const all = await harness.client.send(new ListPartsCommand(upload));
    expect(all.Parts?.map((part) => [part.PartNumber, part.Size, part.ETag])).toEqual([
      [1, 10, etags[0]],
      [2, 20, etags[1]],
      [3, 30, etags[2]],
    ]);
    const page = await harness.client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
    expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "2" });
    const rest = await harness.client.send(
      new ListPartsCommand({ ...upload, PartNumberMarker: page.NextPartNumberMarker }),
    );
    expect(rest.IsTruncated).toBe(false);
    expect(rest.Parts?.map((part) => part.PartNumber)).toEqual([3]);
  });

  it("list uploads of one key in the order they began, page by page", async () => {
    const harness = await startHarness();
    const ids: string[] = [];
    for (const name of ["a", "b", "b", "b", "c"]) {
      ids.push(await begin(harness, name));
      harness.clock.offsetMs += 10;
    }
    const seen: string[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (let page = 0; page < 5; page += 1) {
      const output = await harness.client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 2, ...marker }),
      );
      seen.push(...(output.Uploads ?? []).map((upload) => upload.UploadId ?? ""));
      if (output.IsTruncated !== true) break;
      const { NextKeyMarker: KeyMarker = "", NextUploadIdMarker: UploadIdMarker = "" } = output;
      marker = { KeyMarker, UploadIdMarker };
    }
    expect(seen).toEqual(ids);
  });

  it("tell the number of parts of a finished object", async () => {
    const harness = await startHarness();
    await putMultipart(harness, key, [first, last]);
    const at = { Bucket: bucket, Key: key };
    const head = await harness.client.send(new HeadObjectCommand({ ...at, PartNumber: 2 }));
    expect(head).toMatchObject({ PartsCount: 2, ContentLength: last.length });
    const part = await read(harness, key, { PartNumber: 2 });
    expect(part.bytes.equals(last)).toBe(true);
    const attributes = await harness.client.send(
      new GetObjectAttributesCommand({ ...at, ObjectAttributes: ["ObjectSize", "ObjectParts"] }),
    );
    expect(attributes.ObjectSize).toBe(first.length + last.length);
    expect(attributes.ObjectParts?.TotalPartsCount).toBe(2);
    const beyond = harness.client.send(new HeadObjectCommand({ ...at, PartNumber: 3 }));
    expect((await refusal(beyond)).status).toBe(416);
  });
});
