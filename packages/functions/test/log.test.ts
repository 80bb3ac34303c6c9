/** What CloudWatch is handed: a line per outcome, its measures in it, and no secret whoever writes it. */
import { RetryableError } from "@clipcast/core/errors";
import { type LogFields, metricUnits } from "@clipcast/core/system";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog } from "../src/log.ts";
import { redactText } from "../src/redact.ts";
import { lambdaContext } from "./events.ts";

let written: string[] = [];

beforeEach(() => {
  written = [];
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "clipcast");
  vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", "ClipCastTest");
  vi.stubEnv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const clientSecret = "ourclientsecret";
const openLog = () => createLog({ stage: "test", secrets: [clientSecret] });
const lines = () => written.map((text) => JSON.parse(text));

describe("a line", () => {
  it("is one line of JSON with the outcome, its ids and the invocation", () => {
    const log = openLog();
    log.begin(lambdaContext());
    log.event("publication", { publicationId: "p1", account: "a1", code: undefined, ageMs: 5 });
    expect(written).toHaveLength(1);
    expect(written[0]?.indexOf("\n")).toBe((written[0]?.length ?? 0) - 1);
    expect(lines()).toEqual([
      {
        level: "INFO",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        event: "publication",
        service: "clipcast",
        requestId: lambdaContext().awsRequestId,
        isColdStart: true,
        publicationId: "p1",
        account: "a1",
        ageMs: 5,
      },
    ]);
  });

  it("tells trouble of ours from outcomes by its level", () => {
    const log = openLog();
    log.event("request.failed", {});
    log.event("token.refresh-failed", {});
    log.event("publication", { step: "failed" });
    expect(lines().map(({ level }) => level)).toEqual(["ERROR", "ERROR", "INFO"]);
  });

  it("carries its measures in CloudWatch's embedded format, with units, under service and stage", () => {
    openLog().event("chunk", { publicationId: "p1" }, { BytesRelayed: 7, ChunkLatency: 250 });
    expect(lines()).toEqual([
      expect.objectContaining({
        event: "chunk",
        publicationId: "p1",
        service: "clipcast",
        stage: "test",
        BytesRelayed: 7,
        ChunkLatency: 250,
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: "ClipCastTest",
              Dimensions: [["service", "stage"]],
              Metrics: [
                { Name: "BytesRelayed", Unit: "Bytes" },
                { Name: "ChunkLatency", Unit: "Milliseconds" },
              ],
            },
          ],
        },
      }),
    ]);
  });

  it("repeats no measure of the line before, and is no metric where nothing was measured", () => {
    const log = openLog();
    log.event("chunk", {}, { BytesRelayed: 7 });
    log.event("chunk", {}, { RelayRetries: 1 });
    log.event("chunk", {}, {});
    expect(lines().map((line) => [line.BytesRelayed, line.RelayRetries])).toEqual([
      [7, undefined],
      [undefined, 1],
      [undefined, undefined],
    ]);
    expect(lines().map((line) => "_aws" in line)).toEqual([true, true, false]);
  });

  it("takes every metric that core can measure", () => {
    const all = Object.fromEntries(Object.keys(metricUnits).map((name) => [name, 1]));
    openLog().event("everything", {}, all);
    expect(lines()[0]).toMatchObject(all);
  });
});

const signature = "0123456789abcdef".repeat(4);
const session = "q8Yd-3fJ0_aZ".repeat(4).slice(0, 43);
const secrets = {
  "an access token": "act.example12345Example12345Example!4168.va",
  "a refresh token": "rft.EXAMPLE*refresh!token%2A1.s2",
  "a client token": "clt.2YvEpMzZzCiLpyzZ",
  "our client secret": clientSecret,
  "a signed URL's signature": `https://s3.example/b/k?X-Amz-Signature=${signature}&x=1`,
  "an upload address": "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=Xza123",
  "a session cookie": `__Host-clipcast-session=${session}`,
  "a bare session": session,
  "a bearer header": "Bearer abcdefgh.ijklmnop",
  "a form with a code": "grant_type=authorization_code&code=abc%2A1%211234xyzXYZ&client_key=k",
  "a JSON answer": '{"access_token":"abcdefgh12345678","expires_in":1}',
};
/** The part of each that opens something. */
const openers = [
  "example12345Example",
  "EXAMPLE*refresh",
  "2YvEpMzZzCiLpyzZ",
  clientSecret,
  signature,
  "Xza123",
  session,
  "abcdefgh",
  "abc%2A1",
];

describe("no secret passes", () => {
  const expectHidden = () => {
    expect(written).toHaveLength(1);
    for (const opener of openers) expect(written[0]).not.toContain(opener);
  };
  /** Callers are typed; this is about those who get around the types. */
  const untyped = (fields: unknown) => fields as LogFields;

  for (const [what, secret] of Object.entries(secrets)) {
    it(`${what}, in a field`, () => {
      openLog().event("line", { reason: `it said ${secret}, then closed` });
      expectHidden();
      expect(lines()[0].reason).toMatch(/^it said .*\[hidden\]/);
    });

    it(`${what}, in an error, its cause, its stack and what libraries hang on it`, () => {
      const cause = Object.assign(new Error(secret), { request: { headers: [secret] } });
      const error = new RetryableError("tiktok_down", secret, { retryAfterMs: 1, cause });
      openLog().event("line.failed", untyped({ error, stack: error.stack, list: [cause] }));
      expectHidden();
      expect(lines()[0].error).toMatchObject({ name: "RetryableError", code: "tiktok_down" });
      // Of what hangs on an error nobody knows the shape.
      expect(written[0]).not.toContain("headers");
    });

    it(`${what}, in a field deep below`, () => {
      openLog().event(
        "line",
        untyped({ a: { b: [{ c: secret }, [secret]] }, url: new URL("/?x=1#y", "http://h") }),
      );
      expectHidden();
    });
  }

  it.each([
    "accessToken",
    "client_secret",
    "Set-Cookie",
    "cookie",
    "uploadUrl",
    "upload_url",
    "Authorization",
    "codeVerifier",
    "X-Amz-Signature",
    "sealedTokens",
  ])("what is called %s, whatever it looks like", (name) => {
    openLog().event("line", untyped({ [name]: "plain", deep: { [name]: { x: "plain" } } }));
    expect(written[0]).not.toContain("plain");
  });

  it("an authorization code that is called just that", () => {
    openLog().event("line", { code: "Ab3dEf*6hIj!kLm0pQr" });
    expect(lines()[0].code).toBe("[hidden]");
  });

  it("bytes", () => {
    openLog().event("line", untyped({ body: Buffer.from("act"), deep: [new Uint8Array(3)] }));
    expect(lines()[0]).toMatchObject({ body: "[hidden]", deep: ["[hidden]"] });
  });
});

describe("what helps passes", () => {
  it.each([
    "invalid_grant",
    "spam_risk_too_many_posts",
    "UND_ERR_SOCKET",
    "503",
    "ThrottlingException",
    "relay_failed",
    "upload-completed",
  ])("the code %s", (code) => {
    openLog().event("line", { code });
    expect(lines()[0].code).toBe(code);
  });

  it.each([
    "0199f0c2a5b1d4e7f80912ab34cd56ef",
    "8f507cfc-0000-4697-b07a-ac58fc914c95",
    "v_pub_file~v2-1.7434091291234567890",
    "Error: no\n    at run (file:///var/task/relay.mjs:1:2)",
    "https://www.tiktok.com/@demo.creator/video/7434091291234567890",
    "POST /api/auth/tiktok/callback",
    "token.refresh-failed",
  ])("%s", (text) => {
    expect(redactText(text)).toBe(text);
  });
});
