import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "../../src/tiktok/index.ts";

/** The test vector of the fact sheet, section 10. */
const rawBody =
  '{"client_key":"awexampleclient01","event":"post.publish.complete","create_time":1790000000,"user_openid":"-000exampleOpenId01","content":"{\\"publish_id\\":\\"v_pub_file~v2-1.7600000000000000001\\",\\"publish_type\\":\\"DIRECT_PUBLISH\\"}"}';
const vector = {
  signature: "t=1790000005,s=b663b5cded55d5bc49319feb9f9a7a9571b218331e026703fd18543b0327408d",
  rawBody,
  clientKey: "awexampleclient01",
  clientSecret: "example-client-secret",
  nowMs: 1_790_000_006_000,
};

function signed(body: string, seconds = 1_790_000_005) {
  const hmac = createHmac("sha256", vector.clientSecret).update(`${seconds}.${body}`);
  return { ...vector, rawBody: body, signature: `t=${seconds},s=${hmac.digest("hex")}` };
}

function eventOf(options: typeof vector) {
  const verdict = verifyWebhook(options);
  return verdict.type === "event" ? verdict.event : null;
}

describe("verifyWebhook", () => {
  it("accepts TikTok's signature over the raw bytes", () => {
    expect(Buffer.byteLength(rawBody)).toBe(232);
    expect(eventOf(vector)).toEqual({
      event: "post.publish.complete",
      openId: "-000exampleOpenId01",
      publishId: "v_pub_file~v2-1.7600000000000000001",
      createdAtMs: 1_790_000_000_000,
      isStale: false,
    });
  });

  it.each([
    ["a changed body", { rawBody: rawBody.replace("complete", "failed__") }],
    ["a body written anew", { rawBody: JSON.stringify(JSON.parse(rawBody), null, 1) }],
    ["another time", { signature: vector.signature.replace("1790000005", "1790000006") }],
    ["another secret", { clientSecret: "example-client-secreT" }],
    ["another app", { clientKey: "awexampleclient02" }],
    ["no signature", { signature: "" }],
    ["half a signature", { signature: vector.signature.slice(0, -2) }],
    ["upper case hex", { signature: vector.signature.toUpperCase() }],
    ["an extra field", { signature: `${vector.signature},v=2` }],
    ["words", { signature: "t=now,s=please" }],
  ])("refuses %s", (_name, changes) => {
    expect(verifyWebhook({ ...vector, ...changes })).toEqual({ type: "forged" });
  });

  it.each([
    [-300_000, false],
    [-300_001, true],
    [300_000, false],
    [300_001, true],
  ])("calls a signature stale when it is %i ms off", (offMs, isStale) => {
    const event = eventOf({ ...vector, nowMs: 1_790_000_005_000 + offMs });
    expect(event?.isStale).toBe(isStale);
  });

  it("reads an event without a publish id, and one with a number of 19 digits", () => {
    const content = '{"reason":1}';
    const body = JSON.stringify({
      ...JSON.parse(rawBody),
      event: "authorization.removed",
      content,
    });
    expect(eventOf(signed(body))).toMatchObject({ publishId: null });
    const numbered = '{"publish_id":"p","post_id":7600000000000000123}';
    const available = JSON.stringify({ ...JSON.parse(rawBody), content: numbered });
    expect(eventOf(signed(available))).toMatchObject({ publishId: "p" });
  });

  it.each([
    ["not JSON", "hello"],
    ["no envelope", "{}"],
    ["content that is no JSON", JSON.stringify({ ...JSON.parse(rawBody), content: "{" })],
    ["content that is no text", JSON.stringify({ ...JSON.parse(rawBody), content: {} })],
    ["content without an object", JSON.stringify({ ...JSON.parse(rawBody), content: "7" })],
    [
      "an event without a user",
      '{"client_key":"awexampleclient01","event":"portability.download.ready"}',
    ],
  ])("takes %s without understanding it, because it is signed", (_name, body) => {
    expect(verifyWebhook(signed(body))).toEqual({ type: "unknown" });
  });
});
