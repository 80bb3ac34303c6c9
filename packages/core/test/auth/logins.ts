/** A login that has begun, and the callback that TikTok sends the browser back with. */
import { openId } from "@clipcast/core/testing";
import { beginLogin, type LoginDeps } from "../../src/auth/login.ts";

export async function begun(
  deps: LoginDeps,
  changes: Partial<Parameters<typeof beginLogin>[1]> = {},
) {
  const input = { returnTo: "/posts", userId: null, usesPkce: false, ...changes };
  const { redirectUrl, browser } = await beginLogin(deps, input);
  const state = new URL(redirectUrl).searchParams.get("state") ?? "";
  return { redirectUrl, browser, state };
}

export function callback(
  state: string | undefined,
  changes: Record<string, string | undefined> = {},
) {
  return { state, code: `code-${openId}`, error: undefined, errorType: undefined, ...changes };
}
