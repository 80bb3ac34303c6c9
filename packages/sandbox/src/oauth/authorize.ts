// The authorization request (fact sheet §1.1–§1.3): what it must hold, when the consent page may be
// skipped, and how the answer goes back. Configuration mistakes are shown on TikTok's own page and never
// redirected; only the creator's refusal is.

import { z } from "zod";
import type { App, Sandbox } from "../context.ts";
import { authorizationCode } from "../ids.ts";
import { type Creator, type Scope, scopeSchema } from "../state.ts";
import { grantId } from "../store.ts";

export type AuthorizeRequest = {
  app: App;
  redirectUri: string;
  scopes: Scope[];
  state: string;
  challenge: string | null;
  isPageForced: boolean;
};

export type AuthorizeMistake = {
  error: string;
  errCode: number;
  errorType: string;
  rule: string;
};

export type AuthorizeResult =
  | { type: "request"; request: AuthorizeRequest }
  | { type: "mistake"; mistake: AuthorizeMistake };

const stateCharsMax = 4096;

// errCodes 10003, 10007 and 10008 are seen in the field; the others are made up alike.
export function parseAuthorize(sandbox: Sandbox, query: URLSearchParams): AuthorizeResult {
  const app = sandbox.apps.get(query.get("client_key") ?? "");
  if (app === undefined) {
    return query.has("client_key")
      ? mistake("unauthorized_client", 10003, "client_key", "§1.3 unknown client_key")
      : mistake("param_error", 10003, "client_key", "§1.1 client_key is required");
  }
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!isRedirectAllowed(sandbox, app, redirectUri)) {
    return mistake("invalid_request", 10006, "redirect_uri", "§1.1 redirect_uri is not registered");
  }
  if (query.get("response_type") !== "code") {
    return mistake(
      "unsupported_response_type",
      10005,
      "response_type",
      "§1.1 response_type is code",
    );
  }
  const requested = parseScopes(query.get("scope") ?? "");
  if (requested === null || !requested.every((scope) => app.scopes.includes(scope))) {
    return mistake("invalid_scope", 10004, "scope", "§1.1 scopes: comma-separated, each approved");
  }
  const state = query.get("state") ?? "";
  if (state === "" || state.length > stateCharsMax) {
    return mistake("param_error", 10009, "state", "§1.1 state is required");
  }
  const challenge = query.get("code_challenge");
  if (challenge === null && sandbox.knobs.pkce === "required") {
    return mistake("param_error", 10007, "code_challenge", "§1.2 code_challenge is required");
  }
  if (challenge !== null && query.get("code_challenge_method") !== "S256") {
    return mistake("param_error", 10008, "code_challenge_method", "§1.2 the only method is S256");
  }
  const isPageForced = query.get("disable_auto_auth") === "1";
  // Login Kit brings the basic scope along, asked for or not (§0).
  const scopes = [...new Set<Scope>(["user.info.basic", ...requested])];
  return { type: "request", request: { app, redirectUri, scopes, state, challenge, isPageForced } };
}

/** A session at TikTok plus a grant that covers the request skips the page, unless it is forced (§1.1). */
export function autoApprove(
  sandbox: Sandbox,
  request: AuthorizeRequest,
  sessionUsername: string | null,
): Creator | null {
  if (request.isPageForced || sessionUsername === null) return null;
  const creator = sandbox.store.creators.get(sessionUsername);
  const grant = sandbox.store.grants.get(grantId(request.app.clientKey, sessionUsername));
  if (creator === undefined || grant === undefined) return null;
  return request.scopes.every((scope) => grant.scopes.includes(scope)) ? creator : null;
}

/** Records the grant and answers where the browser goes, code in hand. */
export function approve(
  sandbox: Sandbox,
  request: AuthorizeRequest,
  input: { creator: Creator; scopes: Scope[] },
): string {
  const { app, redirectUri, challenge } = request;
  const { username } = input.creator;
  const nowMs = sandbox.clock.nowMs();
  for (const [code, { expiresAtMs }] of sandbox.codes) {
    if (expiresAtMs <= nowMs) sandbox.codes.delete(code);
  }
  const code = authorizationCode();
  const expiresAtMs = nowMs + sandbox.knobs.codeLifetimeMs;
  const granted = { clientKey: app.clientKey, username, scopes: input.scopes };
  sandbox.codes.set(code, { ...granted, redirectUri, challenge, expiresAtMs });
  sandbox.store.grants.put({ ...granted, connectedAtMs: nowMs });
  return withQuery(redirectUri, { code, scopes: input.scopes.join(","), state: request.state });
}

export function deny(request: AuthorizeRequest, errorType: string | null): string {
  const base = {
    error: "access_denied",
    error_description: "The user denied the authorization request.",
    state: request.state,
  };
  const extra = errorType === null ? undefined : { error_type: errorType };
  return withQuery(request.redirectUri, { ...base, ...extra });
}

/** null: malformed (spaces, unknown names, nothing at all). */
export function parseScopes(text: string): Scope[] | null {
  const parsed = z.array(scopeSchema).min(1).safeParse(text.split(","));
  return parsed.success ? [...new Set(parsed.data)] : null;
}

function isRedirectAllowed(sandbox: Sandbox, app: App, redirectUri: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const { protocol, hostname } = new URL(redirectUri);
  if (protocol !== "https:" && sandbox.knobs.requireHttpsRedirect) return false;
  const isLoopback = hostname === "localhost" || hostname === "127.0.0.1";
  if (isLoopback && sandbox.knobs.anyLoopbackRedirect) return true;
  return app.redirectUris.some((registered) => {
    if (registered === redirectUri) return true;
    // `*` stands for the port of a loopback address (§1.1, desktop apps).
    return isLoopback && registered === redirectUri.replace(/:\d{1,5}(?=\/|$)/, ":*");
  });
}

function withQuery(uri: string, values: Record<string, string>): string {
  // encodeURIComponent leaves `*` and `!` alone; TikTok sends the code's tail percent-encoded (§1.3).
  const encode = (text: string) =>
    encodeURIComponent(text).replaceAll("*", "%2A").replaceAll("!", "%21");
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${encode(value)}`);
  return `${uri}?${pairs.join("&")}`;
}

function mistake(error: string, errCode: number, errorType: string, rule: string): AuthorizeResult {
  return { type: "mistake", mistake: { error, errCode, errorType, rule } };
}
