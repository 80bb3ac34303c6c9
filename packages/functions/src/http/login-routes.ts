/** Login with TikTok, refresh and logout. The browser's way through these is navigation, so failures go to the page. */
import {
  beginLogin,
  endSession,
  findAccount,
  findSession,
  finishLogin,
  LoginRefused,
  refreshAccount,
} from "@clipcast/core/auth";
import { VisibleError } from "@clipcast/core/errors";
import { visible } from "@clipcast/core/uploads";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { accountRequest, type RefreshResponse } from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "./body.ts";
import {
  clearLogin,
  clearSession,
  type Env,
  readLogin,
  readSession,
  signedIn,
  writeLogin,
  writeSession,
} from "./session.ts";

export function loginRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.get("/tiktok", async (c) => {
    const isAdding = c.req.query("add") === "1";
    const userId = isAdding ? await signedInUser(deps, c) : null;
    const { redirectUrl, browser } = await beginLogin(deps, {
      returnTo: c.req.query("return_to"),
      userId,
      usesPkce: deps.settings.usesPkce,
    });
    writeLogin(c, browser);
    return c.redirect(redirectUrl);
  });

  routes.get("/tiktok/callback", async (c) => {
    const callback = {
      // Hono has decoded the code once, which is exactly how often it was encoded.
      state: c.req.query("state"),
      code: c.req.query("code"),
      error: c.req.query("error"),
      errorType: c.req.query("error_type"),
    };
    try {
      const { returnTo, session } = await finishLogin(deps, { callback, browser: readLogin(c) });
      clearLogin(c);
      writeSession(c, session);
      return c.redirect(returnTo);
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      // Ours or TikTok's word, but it came by the address bar; the page has a sentence for those it knows.
      const code = /^[a-z_]{1,60}$/.test(error.code) ? error.code : "unknown";
      deps.log.event("login.refused", { code });
      return c.redirect(withLoginError(error.returnTo, code));
    }
  });

  routes.post("/tiktok/refresh", signedIn(deps), async (c) => {
    const { accountId } = await readBody(c, accountRequest);
    const owner = { userId: c.get("userId"), openId: accountId };
    await findAccount(deps, owner);
    const fresh = await visible(() => refreshAccount(deps, owner));
    const answer: RefreshResponse = {
      accessExpiresAtMs: fresh.accessExpiresAtMs,
      refreshExpiresAtMs: fresh.refreshExpiresAtMs,
    };
    return c.json(answer);
  });

  routes.post("/logout", async (c) => {
    const value = readSession(c);
    if (value !== undefined) await endSession(deps, value);
    clearSession(c);
    return c.body(null, 204);
  });

  return routes;
}

function withLoginError(returnTo: string, code: string): string {
  const url = new URL(returnTo, "https://page.invalid");
  url.searchParams.set("login_error", code);
  // Parsing resolves dots, so `/.//evil.example` becomes two slashes, which a browser reads as another host.
  return `${url.pathname.replace(/^\/+/, "/")}${url.search}`;
}

/** Null without a session: who wants to add an account to nobody's simply logs in with it. */
async function signedInUser(deps: ApiDeps, c: Context): Promise<string | null> {
  try {
    return (await findSession(deps, readSession(c))).userId;
  } catch (error) {
    if (error instanceof VisibleError) return null;
    throw error;
  }
}
