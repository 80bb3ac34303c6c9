/** Cookies and origins: who is calling, and whether the call comes from our own page. */
import { findSession, loginLifetimeMs, sessionLifetimeMs } from "@clipcast/core/auth";
import { VisibleError } from "@clipcast/core/errors";
import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { ApiDeps } from "../deps.ts";

export interface Env {
  Variables: { userId: string };
}

// The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain.
const sessionCookie = "__Host-clipcast-session";
const loginCookie = "__Host-clipcast-login";

const cookieOptions = { httpOnly: true, secure: true, sameSite: "Lax", path: "/" } as const;

export function readSession(c: Context): string | undefined {
  return getCookie(c, sessionCookie);
}

export function writeSession(c: Context, value: string): void {
  setCookie(c, sessionCookie, value, { ...cookieOptions, maxAge: sessionLifetimeMs / 1000 });
}

export function clearSession(c: Context): void {
  deleteCookie(c, sessionCookie, { path: "/", secure: true });
}

export function readLogin(c: Context): string | undefined {
  return getCookie(c, loginCookie);
}

export function writeLogin(c: Context, value: string): void {
  setCookie(c, loginCookie, value, { ...cookieOptions, maxAge: loginLifetimeMs / 1000 });
}

export function clearLogin(c: Context): void {
  deleteCookie(c, loginCookie, { path: "/", secure: true });
}

/** Puts the caller's `userId` in the context, or answers 401. */
export function signedIn(deps: ApiDeps): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { userId } = await findSession(deps, readSession(c));
    c.set("userId", userId);
    await next();
  };
}

/** The caller, or that there is none: for the one route where that is no refusal. */
export async function whoCalls(
  deps: ApiDeps,
  c: Context,
): Promise<{ userId: string } | { userId: null; hasExpired: boolean }> {
  try {
    return await findSession(deps, readSession(c));
  } catch (error) {
    if (!(error instanceof VisibleError) || error.kind !== "unauthenticated") throw error;
    return { userId: null, hasExpired: error.code === "session_expired" };
  }
}

/**
 * Writes come from our own origin. Browsers always send `Origin` with a cross-site write, so a request that names
 * neither origin nor site is no browser's and must say who it is for.
 */
export function sameOrigin(deps: Pick<ApiDeps, "origin">): MiddlewareHandler {
  return async (c, next) => {
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    const origin = c.req.header("origin");
    const isOurs =
      origin === undefined
        ? c.req.header("sec-fetch-site") === "same-origin"
        : origin === deps.origin;
    if (!isRead && !isOurs) {
      throw new VisibleError("forbidden", "forbidden_origin", "Writes come from our own page.");
    }
    await next();
  };
}
