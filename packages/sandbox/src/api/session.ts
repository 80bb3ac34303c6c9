// Who is calling an API v2 endpoint, whether they may, and whether not too often: token, scope and rate
// window, checked in this order (fact sheet §16.2).

import type { Call } from "../call.ts";
import type { App, Sandbox } from "../context.ts";
import { secretHash } from "../ids.ts";
import { refuse } from "../refusal.ts";
import type { Creator, Scope, Token } from "../state.ts";
import { grantId } from "../store.ts";

export type Session = { app: App; creator: Creator; token: Token };

export function openSession(
  sandbox: Sandbox,
  call: Call,
  needs: { anyScope: Scope[]; window: string; perMinute: number },
): Session {
  const session = authenticate(sandbox, call);
  const { token } = session;
  if (!needs.anyScope.some((scope) => token.scopes.includes(scope))) {
    throw refuse("scope_not_authorized", `§0 needs ${needs.anyScope.join(" or ")}`);
  }
  const admission = sandbox.windows.admit(`${needs.window} ${token.hash}`, needs.perMinute);
  if (!admission.isAdmitted) {
    throw refuse("rate_limit_exceeded", `§11 ${needs.perMinute} per sliding minute and token`, {
      retryAfterMs: admission.retryAfterMs,
    });
  }
  return session;
}

function authenticate(sandbox: Sandbox, call: Call): Session {
  if (call.bearer === null) {
    throw refuse("access_token_invalid", "§2 Authorization: Bearer is missing");
  }
  const token = sandbox.store.tokens.get(secretHash(call.bearer));
  if (token === undefined || token.type !== "access") {
    throw refuse("access_token_invalid", "§2 unknown or revoked access token");
  }
  if (token.expiresAtMs <= call.nowMs) {
    throw refuse("access_token_invalid", "§1.4 the access token has expired");
  }
  const app = sandbox.apps.get(token.clientKey);
  const creator = sandbox.store.creators.get(token.username);
  const grant = sandbox.store.grants.get(grantId(token.clientKey, token.username));
  if (app === undefined || creator === undefined || grant === undefined) {
    throw refuse("access_token_invalid", "§10 the creator disconnected the app");
  }
  return { app, creator, token };
}
