// The authorization address and its consent page. The page is a plain form that posts to /v2/auth/consent
// with the authorize parameters, a creator and a decision, so a test logs in without a browser.

import type { HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { HttpContext } from "../call.ts";
import { sleep } from "../clock.ts";
import type { Sandbox } from "../context.ts";
import {
  type AuthorizeMistake,
  type AuthorizeRequest,
  approve,
  autoApprove,
  deny,
  parseAuthorize,
  parseScopes,
} from "../oauth/authorize.ts";
import { type Creator, type Scope, scopes } from "../state.ts";
import { consentPage } from "./consent.ts";
import { page } from "./layout.ts";

const sessionCookie = "sandbox_session";
const requestFields = [
  "client_key",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
];

export function addLoginPages(app: Hono<{ Bindings: HttpBindings }>, sandbox: Sandbox): void {
  const authorize = async (c: HttpContext) => {
    const plan = sandbox.faults.take("authorize", {});
    if (plan.delayMs > 0) await sleep(sandbox.clock, plan.delayMs);
    if (plan.rule?.kind === "status") {
      log(sandbox, c, {
        status: plan.rule.status,
        code: plan.rule.code ?? "gateway",
        fault: plan.id,
      });
      return new Response("TikTok is unavailable", { status: plan.rule.status });
    }
    const query = new URL(c.req.url).searchParams;
    if (!c.req.path.endsWith("/") && sandbox.knobs.slashlessPaths === "refuse") {
      const rule = "§0 every path ends with a slash";
      const mistake = { error: "param_error", errCode: 10001, errorType: "path", rule };
      return mistakePage(sandbox, c, mistake);
    }
    const parsed = parseAuthorize(sandbox, query);
    if (parsed.type === "mistake") return mistakePage(sandbox, c, parsed.mistake);
    const { request } = parsed;
    const session = getCookie(c, sessionCookie) ?? null;
    const creator = autoApprove(sandbox, request, session);
    if (creator !== null) return allow(sandbox, c, request, { creator, scopes: request.scopes });
    log(sandbox, c, { status: 200, code: "consent page", clientKey: request.app.clientKey });
    return page(c, {
      title: `Connect ${request.app.name}`,
      body: consentPage(sandbox, request, { session, hidden: hiddenFields(query) }),
    });
  };
  app.get("/v2/auth/authorize/", authorize);
  app.get("/v2/auth/authorize", authorize);
  app.post("/v2/auth/consent", (c) => consent(sandbox, c));
}

async function consent(sandbox: Sandbox, c: HttpContext) {
  const form = new URLSearchParams(await c.req.text());
  const parsed = parseAuthorize(sandbox, form);
  if (parsed.type === "mistake") return mistakePage(sandbox, c, parsed.mistake);
  const { request } = parsed;
  const clientKey = request.app.clientKey;
  if (form.get("decision") !== "allow") {
    log(sandbox, c, {
      status: 302,
      code: "access_denied",
      clientKey,
      rule: "§1.3 the user declined",
    });
    return c.redirect(deny(request, null), 302);
  }
  const creator = sandbox.store.creators.get(form.get("creator") ?? "");
  if (creator === undefined) {
    const rule = "creator must name a creator of the sandbox";
    return mistakePage(sandbox, c, {
      error: "param_error",
      errCode: 1,
      errorType: "creator",
      rule,
    });
  }
  const { targetUsers } = request.app;
  if (targetUsers !== null && !targetUsers.includes(creator.username)) {
    const rule = "§1.3 the account is no target user of this sandbox app";
    log(sandbox, c, { status: 302, code: "access_denied", clientKey, rule });
    return c.redirect(deny(request, "non_sandbox_target"), 302);
  }
  setCookie(c, sessionCookie, creator.username, { httpOnly: true, sameSite: "Lax", path: "/" });
  return allow(sandbox, c, request, { creator, scopes: grantedScopes(request, form) });
}

function allow(
  sandbox: Sandbox,
  c: HttpContext,
  request: AuthorizeRequest,
  input: { creator: Creator; scopes: Scope[] },
) {
  const { username } = input.creator;
  log(sandbox, c, { status: 302, code: "ok", clientKey: request.app.clientKey, creator: username });
  return c.redirect(approve(sandbox, request, input), 302);
}

/** `scopes` may be left out (all), repeated, or a comma list; the basic one cannot be switched off. */
function grantedScopes(request: AuthorizeRequest, form: URLSearchParams): Scope[] {
  if (!form.has("scopes")) return request.scopes;
  const chosen = parseScopes(form.getAll("scopes").join(",")) ?? [];
  return scopes.filter(
    (scope) =>
      request.scopes.includes(scope) && (scope === "user.info.basic" || chosen.includes(scope)),
  );
}

function hiddenFields(query: URLSearchParams): [string, string][] {
  return requestFields.flatMap((name): [string, string][] => {
    const value = query.get(name);
    return value === null ? [] : [[name, value]];
  });
}

function mistakePage(sandbox: Sandbox, c: HttpContext, mistake: AuthorizeMistake) {
  const { error, errCode, errorType, rule } = mistake;
  log(sandbox, c, { status: 400, code: error, rule, message: errorType });
  return page(c, {
    title: "Something went wrong",
    status: 400,
    body: html`<main class="narrow">
      <div class="card consent">
        <h1>Something went wrong</h1>
        <p>We couldn’t log in with TikTok. This may be due to specific app settings.</p>
        <p>If you’re a developer, correct the following and try again:</p>
        <p><code>error=${error}&amp;errCode=${errCode}&amp;error_type=${errorType}</code></p>
        <p class="dim">Sandbox: ${rule} of the fact sheet. The browser is not sent back to the app.</p>
      </div>
    </main>`,
  });
}

function log(
  sandbox: Sandbox,
  c: HttpContext,
  entry: {
    status: number;
    code: string;
    rule?: string;
    message?: string;
    fault?: string | null;
    clientKey?: string;
    creator?: string;
  },
): void {
  sandbox.log.add({
    atMs: sandbox.clock.nowMs(),
    operation: "authorize",
    method: c.req.method,
    path: c.req.path,
    status: entry.status,
    code: entry.code,
    rule: entry.rule ?? null,
    message: entry.message ?? null,
    fault: entry.fault ?? null,
    clientKey: entry.clientKey ?? null,
    creator: entry.creator ?? null,
    publishId: null,
  });
}
