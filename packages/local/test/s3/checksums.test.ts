/** Checksums: verified when stated, kept, derived for whole objects, and given back. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import {
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { combineParts, startDigest } from "../../src/s3/checksums.ts";
import {
  begin,
  blobFiles,
  bucket,
  type Harness,
  MiB,
  noise,
  put,
  read,
  refusal,
  signPart,
  startHarness,
} from "./harness.ts";

const key = "clip.mp4";
const text = new TextEncoder().encode("123456789");

/** The check values of the CRC catalogue, and of the hash standards, for "123456789". */
const known = {
  CRC32: Buffer.from("cbf43926", "hex").toString("base64"),
  CRC32C: Buffer.from("e3069283", "hex").toString("base64"),
  CRC64NVME: Buffer.from("ae8b14860a799888", "hex").toString("base64"),
  SHA1: createHash("sha1").update(text).digest("base64"),
  SHA256: createHash("sha256").update(text).digest("base64"),
} as const;
const algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
const crcs = ["CRC32", "CRC32C", "CRC64NVME"] as const;

async function digest(algorithm: (typeof algorithms)[number], bytes: Uint8Array) {
  const running = startDigest(algorithm);
  running.update(bytes.subarray(0, 3));
  running.update(bytes.subarray(3));
  return running.value();
}

describe("a digest", () => {
  it.each(algorithms)("of %s has the catalogue's check value", async (algorithm) => {
    expect(await digest(algorithm, text)).toBe(known[algorithm]);
  });

  it.each(crcs)("of %s over parts equals the one over the whole", async (algorithm) => {
    const whole = noise(10_000, 5);
    const cuts = [0, 4000, 8000, 8000, 9999, 10_000];
    const parts = await Promise.all(
      cuts.slice(1).map(async (end, index) => {
        const part = whole.subarray(cuts[index], end);
        return { value: await digest(algorithm, part), sizeBytes: part.length };
      }),
    );
    const combined = await combineParts({ algorithm, type: "FULL_OBJECT" }, parts);
    expect(combined).toBe(await digest(algorithm, whole));
  });
});

describe("an object put with a checksum", () => {
  it.each(algorithms)("keeps a right %s and gives it back", async (algorithm) => {
    const harness = await startHarness();
    const at = { Bucket: bucket, Key: key };
    await harness.client.send(
      new PutObjectCommand({ ...at, Body: text, [`Checksum${algorithm}`]: known[algorithm] }),
    );
    const head = await harness.client.send(
      new HeadObjectCommand({ ...at, ChecksumMode: "ENABLED" }),
    );
    expect(head[`Checksum${algorithm}`]).toBe(known[algorithm]);
    // The SDK verifies the checksum of what it reads.
    expect((await read(harness, key)).bytes.equals(text)).toBe(true);
  });

  it.each(algorithms)("is refused with a wrong %s, and nothing is kept", async (algorithm) => {
    const harness = await startHarness();
    const wrong = await digest(algorithm, Buffer.from("other"));
    const call = harness.client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: text,
        [`Checksum${algorithm}`]: wrong,
      }),
    );
    expect(await refusal(call)).toEqual({ status: 400, code: "BadDigest" });
    expect(await blobFiles(harness)).toEqual([]);
  });

  it("is refused with a checksum that is none, and with two", async () => {
    const harness = await startHarness();
    const send = (checksums: object) =>
      refusal(
        harness.client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ...checksums }),
        ),
      );
    expect((await send({ ChecksumCRC32: "AA==" })).code).toBe("InvalidRequest");
    const two = { ChecksumCRC32: known.CRC32, ChecksumSHA1: known.SHA1 };
    expect((await send(two)).code).toBe("InvalidRequest");
  });

  it("is refused with a wrong or broken Content-MD5", async () => {
    const harness = await startHarness();
    const send = (ContentMD5: string) =>
      refusal(
        harness.client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentMD5 }),
        ),
      );
    const other = createHash("md5").update("other").digest("base64");
    expect(await send(other)).toEqual({ status: 400, code: "BadDigest" });
    expect(await send("short")).toEqual({ status: 400, code: "InvalidDigest" });
  });

  it.each(algorithms)("may come as a stream with its %s behind it", async (ChecksumAlgorithm) => {
    const harness = await startHarness();
    const body = noise(300_001, 7);
    const Body = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
    const at = { Bucket: bucket, Key: key };
    await harness.client.send(
      new PutObjectCommand({ ...at, Body, ContentLength: body.length, ChecksumAlgorithm }),
    );
    const { bytes, output } = await read(harness, key);
    expect(bytes.equals(body)).toBe(true);
    expect(output.ContentEncoding).toBeUndefined();
    expect(output[`Checksum${ChecksumAlgorithm}`]).toBe(await digest(ChecksumAlgorithm, body));
  });
});

describe("a multipart upload with a checksum", () => {
  const bodies = [noise(5 * MiB, 1), noise(1000, 2)];

  async function upload(
    harness: Harness,
    algorithm: ChecksumAlgorithm & (typeof algorithms)[number],
    ChecksumType: "COMPOSITE" | "FULL_OBJECT",
  ) {
    const uploadId = await begin(harness, key, { ChecksumAlgorithm: algorithm, ChecksumType });
    const parts: CompletedPart[] = [];
    for (const [index, Body] of bodies.entries()) {
      const value = await digest(algorithm, Body);
      const output = await harness.client.send(
        new UploadPartCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          PartNumber: index + 1,
          Body,
          [`Checksum${algorithm}`]: value,
        }),
      );
      const ETag = output.ETag ?? "";
      parts.push({ PartNumber: index + 1, ETag, [`Checksum${algorithm}`]: value });
    }
    const finish = (Parts: CompletedPart[], extra: object = {}) =>
      harness.client.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts },
          ...extra,
        }),
      );
    return { parts, finish };
  }

  it.each(crcs)("derives and checks a full-object %s", async (algorithm) => {
    const harness = await startHarness();
    const { parts, finish } = await upload(harness, algorithm, "FULL_OBJECT");
    const name = `Checksum${algorithm}` as const;
    const full = await digest(algorithm, Buffer.concat(bodies));
    const wrong = finish(parts, { [name]: parts[0]?.[name], ChecksumType: "FULL_OBJECT" });
    expect(await refusal(wrong)).toEqual({ status: 400, code: "BadDigest" });
    const output = await finish(parts, { [name]: full, ChecksumType: "FULL_OBJECT" });
    expect(output[name]).toBe(full);
    expect((await read(harness, key)).output[name]).toBe(full);
  });

  it.each(["CRC32", "SHA256"] as const)("derives a composite %s", async (algorithm) => {
    const harness = await startHarness();
    const { parts, finish } = await upload(harness, algorithm, "COMPOSITE");
    const name = `Checksum${algorithm}` as const;
    const bare = parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));
    expect((await refusal(finish(bare))).code).toBe("InvalidRequest");
    const swapped = parts.map((part) => ({ ...part, [name]: parts[0]?.[name] }));
    expect((await refusal(finish(swapped))).code).toBe("InvalidPart");
    const digests = parts.map((part) => Buffer.from(part[name] ?? "", "base64"));
    const expected = `${await digest(algorithm, Buffer.concat(digests))}-2`;
    expect((await finish(parts))[name]).toBe(expected);
  });

  it("computes a part's checksum when the client sends none", async () => {
    const harness = await startHarness();
    const plan = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" } as const;
    const uploadId = await begin(harness, key, plan);
    const answer = await put(await signPart(harness, { key, uploadId, partNumber: 1 }), text);
    expect(answer.headers.get("x-amz-checksum-crc32")).toBe(known.CRC32);
    expect(crc32(text)).toBe(0xcbf43926);
  });

  it("refuses a part with another algorithm", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key, { ChecksumAlgorithm: "SHA256" });
    const at = { Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: 1 };
    const call = harness.client.send(
      new UploadPartCommand({ ...at, Body: text, ChecksumCRC32: known.CRC32 }),
    );
    expect(await refusal(call)).toEqual({ status: 400, code: "InvalidRequest" });
    expect(await blobFiles(harness)).toEqual([]);
  });

  it("refuses a part without a checksum when the whole is to be a composite of them", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key, { ChecksumAlgorithm: "CRC32" });
    const answer = await put(await signPart(harness, { key, uploadId, partNumber: 1 }), text);
    expect(answer).toMatchObject({ status: 400, code: "InvalidRequest" });
    expect(answer.text).toContain("expected checksum Type: crc32, actual checksum Type: null");
    expect(await blobFiles(harness)).toEqual([]);
  });

  it("refuses a wrong checksum header on a presigned part", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key, { ChecksumAlgorithm: "CRC32" });
    const url = await signPart(
      harness,
      { key, uploadId, partNumber: 1, ChecksumCRC32: "AAAAAA==" },
      { unhoistableHeaders: new Set(["x-amz-checksum-crc32"]) },
    );
    const answer = await put(url, text, { "x-amz-checksum-crc32": "AAAAAA==" });
    expect(answer).toMatchObject({ status: 400, code: "BadDigest" });
  });

  it.each([
    ["SHA256", "FULL_OBJECT"],
    ["CRC64NVME", "COMPOSITE"],
  ] as const)("cannot be %s with type %s", async (ChecksumAlgorithm, ChecksumType) => {
    const harness = await startHarness();
    const call = begin(harness, key, { ChecksumAlgorithm, ChecksumType });
    expect(await refusal(call)).toEqual({ status: 400, code: "InvalidRequest" });
  });
});
