import { describe, expect, it } from "vitest";
import type { TikTokApi } from "../../src/tiktok/index.ts";
import { answering, config, refusing } from "./http.ts";

const pair = {
  access_token: "act.demoAAAA1111",
  expires_in: 86_400,
  open_id: "-000demoOpenId01",
  refresh_expires_in: 31_536_000,
  refresh_token: "rft.demoBBBB2222",
  scope: "user.info.basic,video.publish",
  token_type: "Bearer",
};

function form(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

describe("authorizeUrl", () => {
  it("names client key, comma-separated scopes, the exact redirect URI and the state", () => {
    const { api } = answering({});
    const url = new URL(api.authorizeUrl({ state: "s+/=", codeChallenge: null, isAdding: false }));
    expect(url.origin + url.pathname).toBe("https://www.tiktok.com/v2/auth/authorize/");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_key: config.clientKey,
      response_type: "code",
      scope: "user.info.basic,video.publish,video.upload",
      redirect_uri: config.redirectUri,
      state: "s+/=",
    });
  });

  it("shows TikTok's page for another account, and carries a PKCE challenge", () => {
    const { api } = answering({});
    const url = new URL(api.authorizeUrl({ state: "s", codeChallenge: "abc", isAdding: true }));
    expect(url.searchParams.get("disable_auto_auth")).toBe("1");
    expect(url.searchParams.get("code_challenge")).toBe("abc");
    expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  });
});

describe("tokens", () => {
  it("are exchanged for a code by a form that encodes the code's own signs once", async () => {
    const { api, asked } = answering({ body: pair });
    const got = await api.exchangeCode("abc*1!4521.va", null);
    expect(got).toEqual({
      openId: "-000demoOpenId01",
      accessToken: "act.demoAAAA1111",
      refreshToken: "rft.demoBBBB2222",
      accessExpiresInSec: 86_400,
      refreshExpiresInSec: 31_536_000,
      scopes: ["user.info.basic", "video.publish"],
    });
    const [request] = asked;
    expect(request).toMatchObject({
      url: "https://open.tiktokapis.com/v2/oauth/token/",
      method: "POST",
      redirect: "error",
    });
    expect(request?.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
    expect(form(request?.body ?? "")).toEqual({
      client_key: config.clientKey,
      client_secret: config.clientSecret,
      grant_type: "authorization_code",
      code: "abc*1!4521.va",
      redirect_uri: config.redirectUri,
    });
  });

  it("carry the PKCE verifier when there is one", async () => {
    const { api, asked } = answering({ body: pair });
    await api.exchangeCode("code", "the-verifier");
    expect(form(asked[0]?.body ?? "").code_verifier).toBe("the-verifier");
  });

  it("are refreshed with the refresh token alone", async () => {
    const { api, asked } = answering({ body: { ...pair, scope: "" } });
    expect((await api.refresh("rft.old")).scopes).toEqual([]);
    expect(form(asked[0]?.body ?? "")).toEqual({
      client_key: config.clientKey,
      client_secret: config.clientSecret,
      grant_type: "refresh_token",
      refresh_token: "rft.old",
    });
  });

  it.each([200, 400, 401])("are refused by an error in the body, with HTTP %i", async (status) => {
    const body = { error: "invalid_grant", error_description: "Expired.", log_id: "L1" };
    const { api } = answering({ status, body });
    await expect(api.refresh("rft.old")).rejects.toMatchObject({
      name: "TikTokRefusal",
      code: "invalid_grant",
      httpStatus: status,
      logId: "L1",
    });
  });

  it("are refused without a log id just as well", async () => {
    const { api } = answering({ body: { error: "invalid_client" } });
    await expect(api.refresh("r")).rejects.toMatchObject({ code: "invalid_client", logId: null });
  });

  it.each([
    [200, { error: "server_error" }],
    [503, { error: "temporarily_unavailable", error_description: "Later." }],
    [200, { ...pair, access_token: undefined }],
    [200, { ...pair, expires_in: 0 }],
    [200, "<html>welcome</html>"],
    [502, "<html>bad gateway</html>"],
    [500, ""],
  ])("are asked for again after HTTP %i with %o", async (status, body) => {
    const { api } = answering({ status, body });
    await expect(api.refresh("rft.old")).rejects.toMatchObject({
      name: "RetryableError",
      code: "tiktok_unavailable",
    });
  });

  it("wait for the rate window", async () => {
    const { api } = answering({ status: 429, body: "slow down", headers: { "retry-after": "7" } });
    await expect(api.refresh("r")).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 7_000,
    });
  });
});

describe("revoke", () => {
  it("names the access token and takes an empty body or an empty object for success", async () => {
    const { api, asked } = answering({});
    await api.revoke("act.demo");
    expect(asked[0]?.url).toBe("https://open.tiktokapis.com/v2/oauth/revoke/");
    expect(form(asked[0]?.body ?? "").token).toBe("act.demo");
    await answering({ body: {} }).api.revoke("act.demo");
    await answering({ body: " \n" }).api.revoke("act.demo");
  });

  it("is refused by an error in the body", async () => {
    const { api } = answering({ body: { error: "invalid_request" } });
    await expect(api.revoke("act.demo")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each([
    [500, ""],
    [502, "<html>bad gateway</html>"],
    [403, "<html>blocked</html>"],
    [404, ""],
  ])("has not happened when a gateway answers %i %s", async (status, body) => {
    const { api } = answering({ status, body });
    await expect(api.revoke("act.demo")).rejects.toMatchObject({ name: "RetryableError" });
  });
});

describe("every call", () => {
  const calls: [string, (api: TikTokApi) => Promise<unknown>][] = [
    ["exchangeCode", (api) => api.exchangeCode("code", null)],
    ["refresh", (api) => api.refresh("rft")],
    ["revoke", (api) => api.revoke("act")],
    ["displayName", (api) => api.displayName("act")],
    ["creatorInfo", (api) => api.creatorInfo("act")],
    ["status", (api) => api.status("act", "id")],
    ["cancel", (api) => api.cancel("act", "id")],
  ];

  it.each(calls)("%s may be repeated when TikTok cannot be reached", async (_name, call) => {
    const cause = new TypeError("fetch failed");
    await expect(call(answering(cause).api)).rejects.toMatchObject({
      name: "RetryableError",
      code: "tiktok_unreachable",
      cause,
    });
  });

  it.each(calls)("%s keeps secrets out of its errors", async (_name, call) => {
    const { api } = answering(refusing(400, "invalid_params"));
    const error = await call(api).catch((reason: unknown) => reason);
    const told = `${String(error)} ${JSON.stringify(error)}`;
    expect(told).not.toContain(config.clientSecret);
    expect(told).not.toMatch(/act\b|rft/);
  });
});
