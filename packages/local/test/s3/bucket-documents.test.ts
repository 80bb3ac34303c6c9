/** CORS as browsers meet it, lifecycle rules as they are executed, and the documents as they are read back. */
import {
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import {
  begin,
  blobFiles,
  bucket,
  type Harness,
  put,
  putObject,
  refusal,
  request,
  sendParts,
  signPart,
  startHarness,
} from "./harness.ts";

const origin = "https://app.example";
const key = "clip.mp4";

async function allow(harness: Harness, AllowedOrigins: string[], AllowedHeaders = ["*"]) {
  const rule = {
    AllowedMethods: ["PUT", "GET"],
    AllowedOrigins,
    AllowedHeaders,
    ExposeHeaders: ["ETag", "x-amz-checksum-crc32"],
    MaxAgeSeconds: 600,
  };
  const command = { Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } };
  await harness.client.send(new PutBucketCorsCommand(command));
  return rule;
}

function preflight(harness: Harness, headers: Record<string, string>) {
  return request(`${harness.handle.url}/${bucket}/${key}`, { method: "OPTIONS", headers });
}

describe("a preflight", () => {
  it("allows what a rule allows, unsigned", async () => {
    const harness = await startHarness();
    await allow(harness, [origin]);
    const answer = await preflight(harness, {
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "Content-Type, x-amz-checksum-crc32",
    });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "PUT, GET",
      "access-control-allow-headers": "content-type, x-amz-checksum-crc32",
      "access-control-max-age": "600",
      vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    });
  });

  it.each<[string, string[], string[], Record<string, string>]>([
    ["origin", [origin], ["*"], { origin: "https://evil.example" }],
    ["origin's suffix", ["https://*.example"], ["*"], { origin: "https://app.example.evil" }],
    ["method", [origin], ["*"], { "access-control-request-method": "DELETE" }],
    ["header", [origin], ["x-amz-*"], { "access-control-request-headers": "content-type" }],
  ])("refuses another %s", async (_, origins, allowedHeaders, headers) => {
    const harness = await startHarness();
    await allow(harness, origins, allowedHeaders);
    const usual = { origin, "access-control-request-method": "PUT" };
    expect((await preflight(harness, usual)).status).toBe(200);
    const answer = await preflight(harness, { ...usual, ...headers });
    expect(answer).toMatchObject({ status: 403, code: "AccessForbidden" });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("refuses everything while the bucket has no rules", async () => {
    const harness = await startHarness();
    const headers = { origin, "access-control-request-method": "PUT" };
    expect((await preflight(harness, headers)).status).toBe(403);
  });
});

describe("an answer to a page", () => {
  it("exposes the ETag, and lets the page read a refusal too", async () => {
    const harness = await startHarness();
    await allow(harness, ["*"]);
    const uploadId = await begin(harness, key);
    const url = await signPart(harness, { key, uploadId, partNumber: 1 });
    const answer = await put(url, "x", { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-expose-headers")).toContain("ETag");
    const refused = await put(url.replace("partNumber=1", "partNumber=2"), "x", { origin });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  });

  it("tells a foreign origin nothing", async () => {
    const harness = await startHarness();
    await allow(harness, [origin]);
    await putObject(harness, key);
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const answer = await request(await getSignedUrl(harness.client, command), {
      headers: { origin: "https://evil.example" },
    });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a configuration document", () => {
  it("is read back as it was stored, also after a restart", async () => {
    const harness = await startHarness();
    const rule = await allow(harness, [origin, "http://*.local<&>"]);
    const lifecycle = abortAfter(1);
    await putRules(harness, [lifecycle]);
    const queue = {
      QueueArn: "arn:aws:sqs:us-east-1:000000000000:q",
      Events: ["s3:ObjectCreated:*"],
    };
    await harness.client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: {
          QueueConfigurations: [{ ...queue, Events: ["s3:ObjectCreated:*"] }],
        },
        SkipDestinationValidation: true,
      }),
    );
    await harness.restart();
    const at = { Bucket: bucket };
    const cors = await harness.client.send(new GetBucketCorsCommand(at));
    expect(cors.CORSRules).toEqual([rule]);
    const rules = await harness.client.send(new GetBucketLifecycleConfigurationCommand(at));
    expect(rules.Rules).toEqual([lifecycle]);
    const events = await harness.client.send(new GetBucketNotificationConfigurationCommand(at));
    expect(events.QueueConfigurations).toEqual([queue]);
  });

  it("has S3's answers when there is none", async () => {
    const harness = await startHarness();
    const at = { Bucket: bucket };
    await allow(harness, [origin]);
    await harness.client.send(new DeleteBucketCorsCommand(at));
    const cors = harness.client.send(new GetBucketCorsCommand(at));
    expect(await refusal(cors)).toEqual({ status: 404, code: "NoSuchCORSConfiguration" });
    const rules = harness.client.send(new GetBucketLifecycleConfigurationCommand(at));
    expect(await refusal(rules)).toEqual({ status: 404, code: "NoSuchLifecycleConfiguration" });
    const events = await harness.client.send(new GetBucketNotificationConfigurationCommand(at));
    expect(events.QueueConfigurations ?? []).toEqual([]);
  });

  it("is refused when it makes no sense, and the former stays", async () => {
    const harness = await startHarness();
    await putRules(harness, [abortAfter(1)]);
    expect((await refusal(putRules(harness, [abortAfter(0)]))).code).toBe("MalformedXML");
    expect((await refusal(putRules(harness, []))).code).toBe("MalformedXML");
    expect((await refusal(allow(harness, ["https://*.*"]))).code).toBe("MalformedXML");
    const stored = await harness.client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }),
    );
    expect(stored.Rules).toEqual([abortAfter(1)]);
  });
});

describe("a sweep", () => {
  const dayMs = 24 * 60 * 60 * 1000;

  it("aborts uploads that were forgotten, at the midnight after their days", async () => {
    const harness = await startHarness();
    await putRules(harness, [abortAfter(1)]);
    const uploadId = await begin(harness, key);
    await sendParts(harness, { key, uploadId }, [new Uint8Array(10)]);
    harness.clock.offsetMs = dayMs - 60_000;
    expect(await harness.handle.sweep()).toEqual({ expiredObjects: 0, abortedUploads: 0 });
    harness.clock.offsetMs = 2 * dayMs;
    expect(await harness.handle.sweep()).toEqual({ expiredObjects: 0, abortedUploads: 1 });
    expect(await blobFiles(harness)).toEqual([]);
    harness.clock.offsetMs = 0;
    const list = await harness.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(list.Uploads ?? []).toEqual([]);
  });

  it("removes expired objects below the rule's prefix, and no others", async () => {
    const harness = await startHarness();
    await putRules(harness, [
      { ID: "old", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 3 } },
      { ID: "off", Status: "Disabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } },
      {
        ID: "tagged",
        Status: "Enabled",
        Filter: { Tag: { Key: "k", Value: "v" } },
        Expiration: { Days: 1 },
      },
    ]);
    for (const name of ["tmp/a", "tmp/b", "keep/a"]) await putObject(harness, name);
    harness.clock.offsetMs = 5 * dayMs;
    expect(await harness.handle.sweep()).toEqual({ expiredObjects: 2, abortedUploads: 0 });
    expect(await harness.handle.sweep()).toEqual({ expiredObjects: 0, abortedUploads: 0 });
    harness.clock.offsetMs = 0;
    const list = await harness.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(list.Contents?.map((object) => object.Key)).toEqual(["keep/a"]);
    expect(await blobFiles(harness)).toHaveLength(1);
  });
});

function abortAfter(DaysAfterInitiation: number): LifecycleRule {
  return {
    ID: "forgotten",
    Status: "Enabled",
    Filter: { Prefix: "" },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation },
  };
}

function putRules(harness: Harness, Rules: LifecycleRule[]) {
  return harness.client.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket,
      LifecycleConfiguration: { Rules },
    }),
  );
}
