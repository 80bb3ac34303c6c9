// The end of a permission: the developer's revoke call (fact sheet §1.6) and the creator's disconnect.
// Either way every token of the pair (app, creator) dies, running tasks fail and the app is told.

import type { Endpoint } from "../call.ts";
import type { Sandbox } from "../context.ts";
import { secretHash } from "../ids.ts";
import { refuseOAuth } from "../refusal.ts";
import { grantId } from "../store.ts";
import * as Tasks from "../tasks.ts";
import { announce } from "../webhooks.ts";
import { authenticateApp } from "./token.ts";

/** §10: why the authorization went away. */
export const removalReasons = {
  unknown: 0,
  userDisconnected: 1,
  accountDeleted: 2,
  ageChanged: 3,
  accountBanned: 4,
  developerRevoked: 5,
} as const;

export const revoke: Endpoint = {
  operation: "revoke",
  dialect: "oauth",
  method: "POST",
  contentType: "application/x-www-form-urlencoded",
  handle: (sandbox, call) => {
    const form = new URLSearchParams(call.text);
    const app = authenticateApp(sandbox, form);
    call.trace.clientKey = app.clientKey;
    const token = sandbox.store.tokens.get(secretHash(form.get("token") ?? ""));
    if (token === undefined || token.type !== "access" || token.clientKey !== app.clientKey) {
      const message = "The access token is invalid.";
      throw refuseOAuth(
        "invalid_request",
        message,
        "§1.6 token is the access token of this client",
      );
    }
    call.trace.creator = token.username;
    disconnect(sandbox, {
      clientKey: app.clientKey,
      username: token.username,
      reason: removalReasons.developerRevoked,
    });
    return { status: 200, body: "" };
  },
};

/** false: there was nothing to end. */
export function disconnect(
  sandbox: Sandbox,
  input: { clientKey: string; username: string; reason: number },
): boolean {
  const { clientKey, username, reason } = input;
  const id = grantId(clientKey, username);
  if (sandbox.store.grants.get(id) === undefined) return false;
  sandbox.store.grants.remove(id);
  for (const token of sandbox.store.tokens.all()) {
    if (token.clientKey !== clientKey || token.username !== username) continue;
    sandbox.store.tokens.remove(token.hash);
  }
  for (const [code, issued] of sandbox.codes) {
    if (issued.clientKey === clientKey && issued.username === username) sandbox.codes.delete(code);
  }
  Tasks.failAllOf(sandbox, clientKey, username);
  announce(sandbox, {
    clientKey,
    username,
    event: "authorization.removed",
    publishId: null,
    content: JSON.stringify({ reason }),
  });
  return true;
}
