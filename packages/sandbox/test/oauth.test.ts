import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  app,
  authorizeQuery,
  client,
  consent,
  lastRequest,
  login,
  postForm,
  redirectUri,
  start,
} from "./harness.ts";

const verifier = "oQ3-vEr1f1er_for~docs.0123456789abcdefghijKLMNOP";
const hexChallenge = "288b2112cd8b643418eb3f4da98e6f1642c923dc69ae206721efec16b64996ee";

async function authorize(url: string, change: Record<string, string | null>, headers = {}) {
  return fetch(`${url}/v2/auth/authorize/?${authorizeQuery(change)}`, {
    redirect: "manual",
    headers,
  });
}

function exchange(url: string, callback: URL, change: Record<string, string> = {}) {
  return postForm(url, "/v2/oauth/token/", {
    ...client,
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
    ...change,
  });
}

describe("the authorization request", () => {
  it.each([
    ["an unknown client key", { client_key: "nobody" }, "unauthorized_client", "client_key"],
    ["a missing client key", { client_key: null }, "errCode=10003", "client_key"],
    [
      "another redirect URI",
      { redirect_uri: `${redirectUri}/` },
      "invalid_request",
      "redirect_uri",
    ],
    ["scopes with spaces", { scope: "user.info.basic video.publish" }, "invalid_scope", "scope"],
    ["an unknown scope", { scope: "user.info.basic,video.delete" }, "invalid_scope", "scope"],
    ["no state", { state: null }, "param_error", "state"],
    [
      "another response type",
      { response_type: "token" },
      "unsupported_response_type",
      "response_type",
    ],
    [
      "a plain challenge",
      { code_challenge: "x", code_challenge_method: "plain" },
      "errCode=10008",
      "code_challenge_method",
    ],
  ])("shows %s on TikTok's own page, without a redirect", async (_, change, text, type) => {
    const { url, sandbox } = await start();
    const response = await authorize(url, change);
    const page = await response.text();
    expect(response.status).toBe(400);
    expect(page).toContain(text);
    expect(page).toContain(`error_type=${type}`);
    expect(lastRequest(sandbox, "authorize")?.rule).toMatch(/^§1/);
  });

  it("demands a challenge when the knob says so", async () => {
    const { url } = await start({ knobs: { pkce: "required" } });
    expect(await (await authorize(url, {})).text()).toContain("errCode=10007");
  });

  it("shows the consent page with every creator and requested scope", async () => {
    const { url } = await start();
    const page = await (await authorize(url, {})).text();
    expect(page).toContain("demo.creator");
    expect(page).toContain("private.creator");
    expect(page).toContain("video.publish");
  });

  it("skips the page for a session whose grant covers it, unless the page is forced", async () => {
    const { url } = await start();
    await login(url);
    const cookie = { cookie: "sandbox_session=demo.creator" };
    const skipped = await authorize(url, {}, cookie);
    expect(skipped.status).toBe(302);
    expect(skipped.headers.get("location")).toContain("code=");
    expect((await authorize(url, { disable_auto_auth: "1" }, cookie)).status).toBe(200);
    expect((await authorize(url, {})).status).toBe(200);
  });

  it("lets `*` stand for the port of a loopback address", async () => {
    const apps = [{ ...app, redirectUris: ["http://localhost:*/callback"] }];
    const { url } = await start({ apps });
    expect((await authorize(url, { redirect_uri: "http://localhost:51234/callback" })).status).toBe(
      200,
    );
    expect((await authorize(url, { redirect_uri: "http://localhost:51234/other" })).status).toBe(
      400,
    );
    expect((await authorize(url, { redirect_uri: "http://example.com:1/callback" })).status).toBe(
      400,
    );
  });
});

describe("the callback", () => {
  it("carries a percent-encoded code, the granted scopes and the state", async () => {
    const { url } = await start();
    const callback = await consent(url, { scopes: "video.publish" });
    expect(callback.search).toMatch(/code=[\w-]+%2A\d%21\d+&/);
    expect(callback.searchParams.get("scopes")).toBe("user.info.basic,video.publish");
    expect(callback.searchParams.get("state")).toBe("state-1");
  });

  it("tells of a refusal", async () => {
    const { url } = await start();
    const callback = await consent(url, { decision: "deny" });
    expect(callback.searchParams.get("error")).toBe("access_denied");
    expect(callback.searchParams.get("state")).toBe("state-1");
    expect(callback.searchParams.has("code")).toBe(false);
  });

  it("refuses an account that is no target user", async () => {
    const { url } = await start({ apps: [{ ...app, targetUsers: ["private.creator"] }] });
    const callback = await consent(url);
    expect(callback.searchParams.get("error_type")).toBe("non_sandbox_target");
  });
});

describe("the token endpoint", () => {
  it("answers a flat object with the documented lifetimes", async () => {
    const { url } = await start();
    const token = await login(url);
    expect(token).toMatchObject({
      expires_in: 86_400,
      refresh_expires_in: 31_536_000,
      token_type: "Bearer",
    });
    expect(token.access_token).toMatch(/^act\./);
    expect(token.refresh_token).toMatch(/^rft\./);
    expect((await login(url)).open_id).toBe(token.open_id);
  });

  it("takes a code once, and not after its life", async () => {
    const { url, clock } = await start();
    const callback = await consent(url);
    expect((await exchange(url, callback)).body.access_token).toBeDefined();
    const again = await exchange(url, callback);
    expect(again).toMatchObject({
      status: 200,
      body: { error: "invalid_grant", error_description: "Authorization code is expired." },
    });
    const late = await consent(url);
    clock.advance(60_000);
    expect((await exchange(url, late)).body.error).toBe("invalid_grant");
  });

  it("looks at the code before the client, and answers flat errors with the knob's status", async () => {
    const { url } = await start({ knobs: { oauthErrorStatus: 400 } });
    const callback = await consent(url);
    const nobody = await exchange(url, callback, { client_key: "nobody", code: "bad" });
    expect(nobody).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const secret = await exchange(url, callback, { client_secret: "wrong" });
    expect(secret.body).toMatchObject({ error: "invalid_client" });
    expect(secret.body.log_id).toMatch(/^\d{14}[0-9A-F]{20}$/);
    const moved = await exchange(url, callback, { redirect_uri: "http://localhost:3000/" });
    expect(moved.body.error_description).toMatch(/^Redirect_uri is not matched/);
  });

  it("refuses JSON, and unknown grant types", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/v2/oauth/token/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(client),
    });
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
    const odd = await postForm(url, "/v2/oauth/token/", { ...client, grant_type: "password" });
    expect(odd.body.error).toBe("unsupported_grant_type");
  });

  it("verifies PKCE by hex digest, and turns base64url away only here", async () => {
    const { url } = await start();
    const pkce = { code_challenge: hexChallenge, code_challenge_method: "S256" };
    const good = await exchange(url, await consent(url, pkce), { code_verifier: verifier });
    expect(good.body.access_token).toBeDefined();
    const missing = await exchange(url, await consent(url, pkce));
    expect(missing.body.error_description).toBe("Code verifier or code challenge is invalid.");
    const base64url = createHash("sha256").update(verifier).digest("base64url");
    const rfc = await consent(url, { ...pkce, code_challenge: base64url });
    expect((await exchange(url, rfc, { code_verifier: verifier })).body.error).toBe(
      "invalid_request",
    );
  });

  it("issues client tokens", async () => {
    const { url } = await start();
    const form = { ...client, grant_type: "client_credentials" };
    const { body } = await postForm(url, "/v2/oauth/token/", form);
    expect(body).toMatchObject({ expires_in: 7200, token_type: "Bearer" });
  });
});

describe("a refresh", () => {
  const refresh = (url: string, refresh_token: string) =>
    postForm(url, "/v2/oauth/token/", { ...client, grant_type: "refresh_token", refresh_token });

  it("rotates: the old token is dead at once, the year goes on", async () => {
    const { url, clock } = await start();
    const first = await login(url);
    clock.advance(3_600_000);
    const { body } = await refresh(url, first.refresh_token);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    expect(body.refresh_expires_in).toBe(31_536_000 - 3600);
    expect(body.open_id).toBe(first.open_id);
    const dead = await refresh(url, first.refresh_token);
    expect(dead.body).toMatchObject({
      error: "invalid_grant",
      error_description: "Refresh token is invalid or expired.",
    });
  });

  it("can leave the old token a grace, or return it", async () => {
    const { url, clock, sandbox } = await start({ knobs: { refreshRotation: "grace" } });
    const first = await login(url);
    const second = await refresh(url, first.refresh_token);
    clock.advance(59_999);
    expect((await refresh(url, first.refresh_token)).body.access_token).toBeDefined();
    clock.advance(60_000);
    expect((await refresh(url, first.refresh_token)).body.error).toBe("invalid_grant");
    sandbox.setKnobs({ refreshRotation: "same", refreshClock: "sliding" });
    const third = await refresh(url, second.body.refresh_token);
    expect(third.body.refresh_token).toBe(second.body.refresh_token);
    expect(third.body.refresh_expires_in).toBe(31_536_000);
  });
});

describe("a revoke", () => {
  it("answers an empty body and kills every token of the connection", async () => {
    const { url } = await start();
    const token = await login(url);
    const form = { ...client, token: token.access_token };
    expect(await postForm(url, "/v2/oauth/revoke/", form)).toMatchObject({ status: 200, text: "" });
    const user = await fetch(`${url}/v2/user/info/?fields=open_id`, {
      headers: { authorization: `Bearer ${token.access_token}` },
    });
    expect(user.status).toBe(401);
    expect((await postForm(url, "/v2/oauth/revoke/", form)).body.error).toBe("invalid_request");
  });
});
