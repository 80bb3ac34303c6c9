/** Signature Version 4: what is signed passes, and nothing else does. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import {
  begin,
  bucket,
  credentials,
  type Harness,
  put,
  putObject,
  refusal,
  request,
  signPart,
  startHarness,
} from "./harness.ts";

const key = "signed";

async function presigned(harness: Harness): Promise<string> {
  const uploadId = await begin(harness, key);
  return signPart(harness, { key, uploadId, partNumber: 1 });
}

describe("a presigned URL", () => {
  it("works as it was signed", async () => {
    const harness = await startHarness();
    expect(await put(await presigned(harness), "x")).toMatchObject({ status: 200 });
  });

  it.each<[string, (url: string) => string]>([
    [
      "the signature",
      (url) => url.replace(/Signature=(.)/, (_, c) => `Signature=${c === "0" ? "1" : "0"}`),
    ],
    ["a cut signature", (url) => url.replace(/(Signature=[0-9a-f]{32})[0-9a-f]{32}/, "$1")],
    ["the part number", (url) => url.replace("partNumber=1", "partNumber=2")],
    ["an added parameter", (url) => `${url}&response-content-type=text%2Fhtml`],
    ["the key", (url) => url.replace(`/${key}?`, "/other?")],
    ["the lifetime", (url) => url.replace("X-Amz-Expires=900", "X-Amz-Expires=901")],
  ])("is refused after a change of %s", async (_, change) => {
    const harness = await startHarness();
    const url = await presigned(harness);
    expect(change(url)).not.toBe(url);
    expect(await put(change(url), "x")).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
  });

  it("is refused for another method", async () => {
    const harness = await startHarness();
    expect(await request(await presigned(harness))).toMatchObject({ status: 403 });
  });

  it("is refused with a wrong secret or an unknown key", async () => {
    const harness = await startHarness();
    const sign = async (wrong: Partial<typeof credentials>) => {
      const client = harness.connect({
        credentials: { ...credentials, ...wrong },
        requestChecksumCalculation: "WHEN_REQUIRED",
      });
      const uploadId = await begin(harness, key);
      return put(await signPart(harness, { key, uploadId, partNumber: 1 }, { client }), "x");
    };
    expect(await sign({ secretAccessKey: "guess" })).toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
    expect(await sign({ accessKeyId: "nobody" })).toMatchObject({
      status: 403,
      code: "InvalidAccessKeyId",
    });
    expect(await sign({ accessKeyId: `${credentials.accessKeyId}.Relay` })).toMatchObject({
      status: 200,
    });
  });

  it("dies with its lifetime, and is not good before its time", async () => {
    const harness = await startHarness();
    const url = await presigned(harness);
    harness.clock.offsetMs = 899_000;
    expect((await put(url, "x")).status).toBe(200);
    harness.clock.offsetMs = 901_000 + 1000;
    expect(await put(url, "x")).toMatchObject({ status: 403, code: "AccessDenied" });
    harness.clock.offsetMs = -20 * 60_000;
    expect(await put(url, "x")).toMatchObject({ status: 403, code: "AccessDenied" });
  });

  it("holds the client to a signed length", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const url = await signPart(
      harness,
      { key, uploadId, partNumber: 1, ContentLength: 100 },
      {
        signableHeaders: new Set(["content-length", "host"]),
        unhoistableHeaders: new Set(["content-length"]),
      },
    );
    expect((await put(url, new Uint8Array(100))).status).toBe(200);
    expect((await put(url, new Uint8Array(101))).status).toBe(403);
  });

  it("holds the client to a signed content type", async () => {
    const harness = await startHarness();
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: "video/mp4" });
    const client = harness.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const url = await getSignedUrl(client, command, {
      signableHeaders: new Set(["content-type", "host"]),
    });
    const body = new Uint8Array(1);
    expect((await put(url, body, { "content-type": "video/mp4" })).status).toBe(200);
    expect((await put(url, body, { "content-type": "text/plain" })).status).toBe(403);
    expect((await put(url, body)).status).toBe(403);
  });

  it("is refused with an x-amz-* header that was not signed", async () => {
    const harness = await startHarness();
    const answer = await put(await presigned(harness), "x", { "x-amz-meta-owner": "me" });
    expect(answer).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(answer.text).toContain("<HeadersNotSigned>x-amz-meta-owner</HeadersNotSigned>");
  });

  it("is refused when another authorization comes with it", async () => {
    const harness = await startHarness();
    const answer = await put(await presigned(harness), "x", { authorization: "Basic eA==" });
    expect(answer).toMatchObject({ status: 400, code: "InvalidArgument" });
  });

  it("keeps its hoisted headers in force: the SDK's empty-body checksum refuses a real body", async () => {
    const harness = await startHarness();
    const uploadId = await begin(harness, key);
    const trap = await signPart(
      harness,
      { key, uploadId, partNumber: 1 },
      { client: harness.client },
    );
    expect(trap).toContain("x-amz-checksum-crc32=AAAAAA");
    expect(await put(trap, "x")).toMatchObject({ status: 400, code: "BadDigest" });
  });

  it("reads an object, and nobody reads it without", async () => {
    const harness = await startHarness();
    await putObject(harness, key, "content");
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const url = await getSignedUrl(harness.client, command);
    expect(await request(url)).toMatchObject({ status: 200, text: "content" });
    const [bare = ""] = url.split("?");
    expect(await request(bare)).toMatchObject({ status: 403, code: "AccessDenied" });
  });
});

describe("a signed header", () => {
  it("is refused with a wrong secret", async () => {
    const harness = await startHarness();
    const client = harness.connect({ credentials: { ...credentials, secretAccessKey: "guess" } });
    const call = client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(await refusal(call)).toEqual({ status: 403, code: "SignatureDoesNotMatch" });
  });

  it("is refused for another region", async () => {
    const harness = await startHarness();
    const client = harness.connect({ region: "eu-west-1", followRegionRedirects: false });
    const call = client.send(new CreateBucketCommand({ Bucket: "elsewhere" }));
    expect(await refusal(call)).toMatchObject({
      status: 400,
      code: "AuthorizationHeaderMalformed",
    });
  });

  it("is refused when it is older than the clocks may differ", async () => {
    const harness = await startHarness();
    harness.clock.offsetMs = 16 * 60_000;
    const client = harness.connect({ maxAttempts: 1 });
    const call = client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(await refusal(call)).toEqual({ status: 403, code: "RequestTimeTooSkewed" });
  });

  it("binds the body by its SHA-256", async () => {
    const harness = await startHarness();
    const client = harness.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    client.middlewareStack.add(
      (next) => (args) => {
        // Swapped after signing, with the length kept.
        Object.assign(args.request as object, { body: "evil" });
        return next(args);
      },
      { step: "deserialize", priority: "low" },
    );
    const call = client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "good" }));
    expect(await refusal(call)).toEqual({ status: 400, code: "XAmzContentSHA256Mismatch" });
  });

  it("verifies for every key and metadata that an SDK can sign", async () => {
    const harness = await startHarness();
    const odd = ["a+b c%20d", "ü/😀", "!'()*~", "a//b", "/leading", "k=v&x?#", "%2F", "\\"];
    for (const name of odd) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: name,
        Body: name,
        Metadata: { note: "two  spaces" },
      });
      await harness.client.send(command);
      const signed = await getSignedUrl(
        harness.client,
        new GetObjectCommand({ Bucket: bucket, Key: name }),
      );
      expect(await request(signed)).toMatchObject({ status: 200, text: name });
    }
  });
});

describe("an unknown operation", () => {
  it("answers 501 and touches nothing", async () => {
    const harness = await startHarness();
    await putObject(harness, key, "content");
    const client = harness.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const tagging = client.send(
      new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet: [] } }),
    );
    expect(await refusal(tagging)).toEqual({ status: 501, code: "NotImplemented" });
    const versioning = client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    expect(await refusal(versioning)).toEqual({ status: 501, code: "NotImplemented" });
    const copy = client.send(
      new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: `${bucket}/other` }),
    );
    expect(await refusal(copy)).toEqual({ status: 501, code: "NotImplemented" });
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect((await request(url)).text).toBe("content");
  });
});
