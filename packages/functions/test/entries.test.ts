/** The HTTP entries as API Gateway calls them: cookies apart, queries raw, bodies maybe in base64, AWS maybe down. */
import { createHmac } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { HeadObjectCommand, NotFound, S3Client } from "@aws-sdk/client-s3";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { createMemoryTable } from "@clipcast/core/testing";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { meResponse, problem } from "../src/contract.ts";
import { type HttpCall, httpEvent, lambdaContext } from "./events.ts";
import { clientSecret, linkVariables, siteOrigin } from "./links.ts";

const dynamo = mockClient(DynamoDBDocumentClient);
const kms = mockClient(KMSClient);
const s3 = mockClient(S3Client);

const accessToken = "act.entry-access-token";
const refreshToken = "rft.entry-refresh-token";
let formsAtTikTok: URLSearchParams[] = [];
let lines: string[] = [];

type Handler = (
  event: APIGatewayProxyEventV2,
  context: ReturnType<typeof lambdaContext>,
) => Promise<APIGatewayProxyStructuredResultV2>;
let api: (call: HttpCall) => Promise<APIGatewayProxyStructuredResultV2>;
let webhook: typeof api;

beforeAll(async () => {
  for (const [name, value] of Object.entries(linkVariables())) vi.stubEnv(name, value);
  vi.stubGlobal("fetch", answerAsTikTok);
  const entries = [await import("../src/api.ts"), await import("../src/webhook.ts")];
  const [one, other] = entries.map(({ handler }) => {
    // Hono's type covers every kind of event; these are of API Gateway v2.
    const typed = handler as unknown as Handler;
    return (call: HttpCall) => typed(httpEvent(call), lambdaContext());
  });
  if (one === undefined || other === undefined) throw new Error("both entries have a handler");
  api = one;
  webhook = other;
}, 60_000);

beforeEach(() => {
  for (const mock of [dynamo, kms, s3]) mock.reset();
  formsAtTikTok = [];
  lines = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** TikTok's token and user info endpoints, for the one account there is. */
async function answerAsTikTok(url: string, init: RequestInit): Promise<Response> {
  if (url.endsWith("/v2/oauth/token/")) {
    formsAtTikTok.push(new URLSearchParams(String(init.body)));
    return Response.json({
      access_token: accessToken,
      expires_in: 86_400,
      open_id: "-000creator",
      refresh_expires_in: 31_536_000,
      refresh_token: refreshToken,
      scope: "user.info.basic,video.publish",
      token_type: "Bearer",
    });
  }
  const data = { user: { open_id: "-000creator", display_name: "Demo Creator" } };
  return Response.json({ data, error: { code: "ok", message: "", log_id: "2026" } });
}

/** DynamoDB over the in-memory table, and a KMS that only turns bytes around. */
function workingAws() {
  const table = createMemoryTable();
  const refused = () =>
    new ConditionalCheckFailedException({
      message: "The conditional request failed",
      $metadata: {},
    });
  const expectedVersion = (values: Record<string, unknown> | undefined) =>
    Number(values?.[":expected"] ?? 0);
  dynamo
    .on(GetCommand)
    .callsFake(async ({ Key }) => ({ Item: (await table.get(Key)) ?? undefined }));
  dynamo.on(PutCommand).callsFake(async ({ Item, ExpressionAttributeValues }) => {
    if (!(await table.put(Item, expectedVersion(ExpressionAttributeValues)))) throw refused();
    return {};
  });
  dynamo.on(DeleteCommand).callsFake(async ({ Key, ExpressionAttributeValues }) => {
    if (!(await table.remove(Key, expectedVersion(ExpressionAttributeValues)))) throw refused();
    return {};
  });
  dynamo.on(QueryCommand).callsFake(async ({ ExpressionAttributeValues: values }) => {
    const given = { pk: values[":pk"], skPrefix: values[":prefix"] };
    const page = { limit: 100, afterSk: null, descending: false };
    return { Items: (await table.query({ ...given, ...page })).rows };
  });
  kms.on(EncryptCommand).callsFake(async ({ Plaintext }) => ({
    CiphertextBlob: Buffer.from(Plaintext).reverse(),
  }));
  kms.on(DecryptCommand).callsFake(async ({ CiphertextBlob }) => ({
    Plaintext: Buffer.from(CiphertextBlob).reverse(),
  }));
  return table;
}

const pairs = (cookies: string[] = []) => cookies.map((line) => line.split(";")[0] ?? "");

describe("the api function", () => {
  async function login() {
    const start = await api({
      method: "GET",
      path: "/api/auth/tiktok?return_to=%2Fvideos%3Fa%3D1",
    });
    const atTikTok = new URL(String(start.headers?.location));
    const state = atTikTok.searchParams.get("state");
    const path = `/api/auth/tiktok/callback?code=abc%2A1%211234&scopes=user.info.basic&state=${state}`;
    const end = await api({ method: "GET", path, cookies: pairs(start.cookies) });
    return { start, atTikTok, end };
  }

  it("carries a login through: cookies as a list, the code decoded once, no secret on the way", async () => {
    const table = workingAws();
    const { start, atTikTok, end } = await login();

    expect([start.statusCode, start.cookies?.length]).toEqual([302, 1]);
    expect(atTikTok.searchParams.get("redirect_uri")).toBe(
      `${siteOrigin}/api/auth/tiktok/callback`,
    );
    expect([end.statusCode, end.headers?.location, end.cookies?.length]).toEqual([
      302,
      "/videos?a=1",
      2,
    ]);
    expect(formsAtTikTok.map((form) => form.get("code"))).toEqual(["abc*1!1234"]);

    const session = pairs(end.cookies).filter((pair) => pair.includes("session="));
    const me = await api({ method: "GET", path: "/api/me", cookies: session });
    const { accounts } = meResponse.parse(JSON.parse(me.body ?? ""));
    expect(accounts).toMatchObject([{ id: "-000creator", displayName: "Demo Creator" }]);

    const seen = JSON.stringify([lines, start, end, me, table.rows()]);
    for (const secret of [accessToken, refreshToken, clientSecret, "abc*1!1234"]) {
      expect(seen).not.toContain(secret);
    }
  });

  it("reads a body that the gateway passes in base64", async () => {
    workingAws();
    const { end } = await login();
    const cookies = pairs(end.cookies).filter((pair) => pair.includes("session="));
    const body = Buffer.from('{"accountId":"-000creator"}').toString("base64");
    const headers = { origin: siteOrigin };
    const call = { method: "POST", path: "/api/auth/tiktok/refresh", cookies, headers };
    const answer = await api({ ...call, body, isBase64Encoded: true });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.body).not.toMatch(/act\.|rft\./);
  });

  it.each([false, true])("measures a body itself, in base64: %s", async (isBase64Encoded) => {
    const text = JSON.stringify({ filler: "x".repeat(64 * 1024) });
    const body = isBase64Encoded ? Buffer.from(text).toString("base64") : text;
    const headers = { origin: siteOrigin, "content-length": "2" };
    const call = { method: "POST", path: "/api/auth/logout", headers, body, isBase64Encoded };
    const answer = await api(call);
    expect(answer.statusCode).toBe(413);
    expect(problem.parse(JSON.parse(answer.body ?? "")).code).toBe("too_large");
  });

  it("answers problems when DynamoDB is throttled, and logs the reason once", async () => {
    dynamo
      .on(GetCommand)
      .rejects(Object.assign(new Error("Rate exceeded"), { name: "Throttling" }));
    const cookies = ["__Host-clipcast-session=cookie-value"];
    const answer = await api({ method: "GET", path: "/api/me", cookies });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers?.["content-type"]).toBe("application/problem+json");
    expect(problem.parse(JSON.parse(answer.body ?? "")).code).toBe("internal");
    expect(answer.body).not.toContain("Rate exceeded");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: "request.failed", route: "/api/me", code: "Throttling", level: "ERROR" },
      { event: "request", route: "GET /api/me", status: 500 },
    ]);
    expect(lines.join()).not.toContain("cookie-value");
  });

  it("is healthy when table and bucket answer, be it that there is nothing", async () => {
    dynamo.on(GetCommand).resolves({});
    s3.on(HeadObjectCommand).rejects(new NotFound({ message: "none", $metadata: {} }));
    const good = await api({ method: "GET", path: "/api/health" });
    expect([good.statusCode, JSON.parse(good.body ?? "")]).toMatchObject([
      200,
      { isHealthy: true, stage: "test" },
    ]);

    s3.on(HeadObjectCommand).rejects(new Error("AccessDenied"));
    const bad = await api({ method: "GET", path: "/api/health" });
    expect([bad.statusCode, JSON.parse(bad.body ?? "")]).toMatchObject([
      503,
      { isHealthy: false, table: "ok", storage: "unreachable" },
    ]);
  });
});

describe("the webhook function", () => {
  const body = JSON.stringify({
    client_key: "awexampleclient01",
    event: "post.publish.complete",
    create_time: 1_795_359_600,
    user_openid: "-000creator",
    content: '{"publish_id":"v_pub_file~v2-1.1","publish_type":"DIRECT_PUBLISH"}',
  });
  const mac = createHmac("sha256", clientSecret).update(`1795359600.${body}`).digest("hex");
  const headers = { "tiktok-signature": `t=1795359600,s=${mac}` };
  const call = { method: "POST", path: "/api/tiktok/webhook", headers };

  it("verifies the raw bytes, in whichever coding the gateway passes them", async () => {
    dynamo.on(GetCommand).resolves({});
    const base64 = Buffer.from(body).toString("base64");
    expect((await webhook({ ...call, body })).statusCode).toBe(200);
    expect((await webhook({ ...call, body: base64, isBase64Encoded: true })).statusCode).toBe(200);
    expect((await webhook({ ...call, body: base64 })).statusCode).toBe(401);
  });

  it("has TikTok send it again when DynamoDB is throttled", async () => {
    dynamo.on(GetCommand).rejects(new Error("Rate exceeded"));
    expect((await webhook({ ...call, body })).statusCode).toBe(500);
  });
});
