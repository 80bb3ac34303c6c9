// The token endpoint (fact sheet §1.4, §1.5, §1.8): code exchange, refresh with rotation, client tokens.
// The code is looked at before the client's credentials, as TikTok appears to do.

import { createHash, timingSafeEqual } from "node:crypto";
import { type Answer, answerJson, type Endpoint } from "../call.ts";
import type { App, Sandbox } from "../context.ts";
import * as Ids from "../ids.ts";
import { refuseOAuth } from "../refusal.ts";
import type { Scope, Token } from "../state.ts";
import { grantId } from "../store.ts";

const clientTokenLifetimeSec = 7200;

export const token: Endpoint = {
  operation: "token",
  dialect: "oauth",
  method: "POST",
  contentType: "application/x-www-form-urlencoded",
  handle: (sandbox, call) => {
    const form = new URLSearchParams(call.text);
    call.trace.clientKey = form.get("client_key") ?? "";
    switch (form.get("grant_type")) {
      case "authorization_code":
        return exchangeCode(sandbox, form, (username) => {
          call.trace.creator = username;
        });
      case "refresh_token":
        return refresh(sandbox, form, (username) => {
          call.trace.creator = username;
        });
      case "client_credentials":
        authenticateApp(sandbox, form);
        return answerJson(200, {
          access_token: Ids.token("clt"),
          expires_in: clientTokenLifetimeSec,
          token_type: "Bearer",
        });
      case null:
        throw malformed("§1.4 grant_type is required");
      default:
        throw refuseOAuth(
          "unsupported_grant_type",
          "The grant type is not supported.",
          "§1.4 grant_type",
        );
    }
  },
};

export function authenticateApp(sandbox: Sandbox, form: URLSearchParams): App {
  const clientKey = form.get("client_key");
  const secret = form.get("client_secret");
  if (clientKey === null || clientKey === "") throw malformed("§1.4 client_key is required");
  if (secret === null || secret === "") {
    const message = "Client secret is missed in request.";
    throw refuseOAuth("invalid_request", message, "§1.4 client_secret is required");
  }
  const app = sandbox.apps.get(clientKey);
  if (app === undefined || !isSame(secret, app.clientSecret)) {
    const message = "Client key or secret is incorrect.";
    throw refuseOAuth("invalid_client", message, "§1.7 unknown client_key or wrong client_secret");
  }
  return app;
}

function exchangeCode(
  sandbox: Sandbox,
  form: URLSearchParams,
  onCreator: (username: string) => void,
): Answer {
  const text = form.get("code");
  if (text === null || text === "") throw malformed("§1.4 code is required");
  const code = sandbox.codes.get(text);
  const nowMs = sandbox.clock.nowMs();
  if (code === undefined || code.expiresAtMs <= nowMs) {
    const message = "Authorization code is expired.";
    throw refuseOAuth("invalid_grant", message, "§1.4 the code is wrong, used or too old");
  }
  onCreator(code.username);
  const app = authenticateApp(sandbox, form);
  if (code.clientKey !== app.clientKey) {
    const message = "Authorization code is expired.";
    throw refuseOAuth("invalid_grant", message, "§1.7 the code was issued to another client");
  }
  // Single use: an attempt by the right client burns the code, whatever comes of it.
  sandbox.codes.delete(text);
  if (form.get("redirect_uri") !== code.redirectUri) {
    const message = "Redirect_uri is not matched with the uri when requesting code.";
    throw refuseOAuth(
      "invalid_request",
      message,
      "§1.4 redirect_uri differs from the authorize call",
    );
  }
  if (code.challenge !== null && !isVerified(form.get("code_verifier"), code.challenge)) {
    const message = "Code verifier or code challenge is invalid.";
    throw refuseOAuth("invalid_request", message, "§1.2 the challenge is hex of SHA-256(verifier)");
  }
  return issue(sandbox, {
    app,
    username: code.username,
    scopes: code.scopes,
    refresh: null,
  });
}

function refresh(
  sandbox: Sandbox,
  form: URLSearchParams,
  onCreator: (username: string) => void,
): Answer {
  const app = authenticateApp(sandbox, form);
  const text = form.get("refresh_token");
  if (text === null || text === "") throw malformed("§1.5 refresh_token is required");
  const current = sandbox.store.tokens.get(Ids.secretHash(text));
  const isLive =
    current !== undefined &&
    current.type === "refresh" &&
    current.clientKey === app.clientKey &&
    current.expiresAtMs > sandbox.clock.nowMs() &&
    sandbox.store.grants.get(grantId(app.clientKey, current.username)) !== undefined;
  if (!isLive) {
    const message = "Refresh token is invalid or expired.";
    throw refuseOAuth("invalid_grant", message, "§1.5 dead, superseded or foreign refresh token");
  }
  onCreator(current.username);
  const { username, scopes } = current;
  return issue(sandbox, { app, username, scopes, refresh: { text, current } });
}

function issue(
  sandbox: Sandbox,
  input: {
    app: App;
    username: string;
    scopes: Scope[];
    refresh: { text: string; current: Token } | null;
  },
): Answer {
  const { knobs, store } = sandbox;
  const nowMs = sandbox.clock.nowMs();
  const owner = { clientKey: input.app.clientKey, username: input.username, scopes: input.scopes };
  forgetExpired(sandbox);
  const access = Ids.token("act");
  const accessEndMs = nowMs + knobs.accessTokenLifetimeSec * 1000;
  store.tokens.put({
    ...owner,
    hash: Ids.secretHash(access),
    type: "access",
    expiresAtMs: accessEndMs,
  });
  const refreshed = renewRefreshToken(sandbox, input.refresh);
  const refreshHash = Ids.secretHash(refreshed.text);
  store.tokens.put({
    ...owner,
    hash: refreshHash,
    type: "refresh",
    expiresAtMs: refreshed.expiresAtMs,
  });
  return answerJson(200, {
    access_token: access,
    expires_in: knobs.accessTokenLifetimeSec,
    refresh_token: refreshed.text,
    refresh_expires_in: Math.floor((refreshed.expiresAtMs - nowMs) / 1000),
    open_id: Ids.openId(input.app.clientKey, input.username),
    scope: input.scopes.join(","),
    token_type: "Bearer",
  });
}

function renewRefreshToken(
  sandbox: Sandbox,
  old: { text: string; current: Token } | null,
): { text: string; expiresAtMs: number } {
  const { knobs, store } = sandbox;
  const nowMs = sandbox.clock.nowMs();
  const freshEndMs = nowMs + knobs.refreshTokenLifetimeSec * 1000;
  if (old === null) return { text: Ids.token("rft"), expiresAtMs: freshEndMs };
  const expiresAtMs = knobs.refreshClock === "sliding" ? freshEndMs : old.current.expiresAtMs;
  if (knobs.refreshRotation === "same") return { text: old.text, expiresAtMs };
  if (knobs.refreshRotation === "rotate") store.tokens.remove(old.current.hash);
  else {
    const graceEndMs = Math.min(old.current.expiresAtMs, nowMs + knobs.refreshGraceMs);
    store.tokens.put({ ...old.current, expiresAtMs: graceEndMs });
  }
  return { text: Ids.token("rft"), expiresAtMs };
}

function forgetExpired(sandbox: Sandbox): void {
  const nowMs = sandbox.clock.nowMs();
  for (const { hash, expiresAtMs } of sandbox.store.tokens.all()) {
    if (expiresAtMs <= nowMs) sandbox.store.tokens.remove(hash);
  }
}

function isVerified(verifier: string | null, challenge: string): boolean {
  if (verifier === null || !/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) return false;
  return isSame(createHash("sha256").update(verifier).digest("hex"), challenge);
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(Ids.secretHash(a)), Buffer.from(Ids.secretHash(b)));
}

function malformed(rule: string) {
  return refuseOAuth("invalid_request", "The request parameters are malformed.", rule);
}
