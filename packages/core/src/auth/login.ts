/**
 * Login with TikTok: a single-use state bound to one browser for ten minutes, then the code for tokens.
 *
 * The state is verified before anything else in the callback is believed, and it is spent before the code is
 * exchanged, so that a replayed callback does nothing.
 */
import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { RetryableError } from "../errors/index.ts";
import { type Clock, digest, type Sealer, secret, timeOrderedId } from "../system/index.ts";
import { type Key, load, save, type TableDeps } from "../table/index.ts";
import { type TikTokDeps, TikTokRefusal, type TokenPair } from "../tiktok/index.ts";
import { claimAccount, storeLogin } from "./accounts.ts";
import { createSession } from "./sessions.ts";

export const loginLifetimeMs = 10 * 60_000;

/** The rest of the function's 20 s belongs to what a login cannot do without. */
const namePatienceMs = 4_000;

/** The login did not happen. `code` goes to the page, which has a sentence for each. */
export class LoginRefused extends Error {
  readonly code: string;
  readonly returnTo: string;

  constructor(code: string, returnTo = "/", cause?: unknown) {
    super(`login refused: ${code}`, { cause });
    this.name = "LoginRefused";
    this.code = code;
    this.returnTo = returnTo;
  }
}

export type LoginDeps = TableDeps & TikTokDeps & { clock: Clock; sealer: Sealer };

const loginSchema = z.object({
  browserHash: z.string(),
  returnTo: z.string(),
  /** The signed-in user who connects one more account; null for a plain login. */
  userId: z.nullable(z.string()),
  /** PKCE verifier, sealed; null when the app does not use PKCE. */
  sealedVerifier: z.nullable(z.string()),
  expiresAtMs: z.number(),
});

const sealContext = { purpose: "login" };

/** `browser` is the value for the login cookie, which the callback must bring back. */
export async function beginLogin(
  deps: LoginDeps,
  input: { returnTo: string | undefined; userId: string | null; usesPkce: boolean },
): Promise<{ redirectUrl: string; browser: string }> {
  const state = secret(deps.random);
  const browser = secret(deps.random);
  const verifier = input.usesPkce ? secret(deps.random) : null;
  const expiresAtMs = deps.clock.nowMs() + loginLifetimeMs;
  const login = {
    browserHash: digest(browser),
    returnTo: samePath(input.returnTo),
    userId: input.userId,
    sealedVerifier: verifier === null ? null : await deps.sealer.seal(verifier, sealContext),
    expiresAtMs,
  };
  const place = { key: loginKey(state), version: 0 };
  await save(deps, loginSchema, place, login, { expiresAtMs });
  const redirectUrl = deps.tiktok.authorizeUrl({
    state,
    codeChallenge: verifier === null ? null : challengeOf(verifier),
    isAdding: input.userId !== null,
  });
  return { redirectUrl, browser };
}

export interface Callback {
  state: string | undefined;
  code: string | undefined;
  error: string | undefined;
  errorType: string | undefined;
}

/** Answers where to send the browser and its new session. Throws `LoginRefused` for everything a page must explain. */
export async function finishLogin(
  deps: LoginDeps,
  input: { callback: Callback; browser: string | undefined },
): Promise<{ returnTo: string; session: string }> {
  const { callback } = input;
  const login = await spendState(deps, callback.state, input.browser);
  if (callback.error !== undefined) {
    // A sandbox key and a creator outside of its list: TikTok's type says more than its category.
    const isTarget = callback.errorType === "non_sandbox_target";
    throw new LoginRefused(isTarget ? "non_sandbox_target" : callback.error, login.returnTo);
  }
  if (callback.code === undefined) throw new LoginRefused("code_missing", login.returnTo);

  const verifier =
    login.sealedVerifier === null
      ? null
      : await deps.sealer.open(login.sealedVerifier, sealContext);
  const pair = await exchange(deps, callback.code, verifier, login.returnTo);
  const userId = await claimAccount(deps, {
    openId: pair.openId,
    userId: login.userId,
    newUserId: timeOrderedId(deps),
  });
  if (userId === null) throw new LoginRefused("account_taken", login.returnTo);
  await storeLogin(deps, { userId, pair, displayName: await askName(deps, pair) });
  return { returnTo: login.returnTo, session: await createSession(deps, userId) };
}

async function spendState(
  deps: LoginDeps,
  state: string | undefined,
  browser: string | undefined,
): Promise<z.infer<typeof loginSchema>> {
  if (state === undefined || state === "") throw new LoginRefused("state_missing");
  const stored = await load(deps, loginSchema, loginKey(state));
  if (stored === null) throw new LoginRefused("state_unknown");
  // A foreign browser must not be able to spend the state, so this comes before the removal.
  if (browser === undefined || digest(browser) !== stored.value.browserHash) {
    throw new LoginRefused("state_foreign");
  }
  // Two callbacks with one state race here, and the table lets one of them win.
  if (!(await deps.table.remove(stored.key, stored.version))) {
    throw new LoginRefused("state_unknown");
  }
  if (stored.value.expiresAtMs <= deps.clock.nowMs()) throw new LoginRefused("state_expired");
  return stored.value;
}

async function exchange(
  deps: LoginDeps,
  code: string,
  verifier: string | null,
  returnTo: string,
): Promise<TokenPair> {
  try {
    const pair = await deps.tiktok.exchangeCode(code, verifier);
    // Creators may switch scopes off on the consent page; without one of these nothing can be posted.
    if (!pair.scopes.includes("video.publish") && !pair.scopes.includes("video.upload")) {
      throw new LoginRefused("scope_missing", returnTo);
    }
    return pair;
  } catch (error) {
    if (error instanceof TikTokRefusal || error instanceof RetryableError) {
      throw new LoginRefused("exchange_failed", returnTo, error);
    }
    throw error;
  }
}

/**
 * The creator's name, or null when TikTok does not tell it in time. The code is spent by now and cannot be spent again:
 * a login must not be lost for a name, which `nameAccount` learns later.
 */
async function askName(deps: LoginDeps, pair: TokenPair): Promise<string | null> {
  if (!pair.scopes.includes("user.info.basic")) return null;
  const answered = new AbortController();
  const patience = deps.clock.wait(namePatienceMs, answered.signal).then(() => null);
  try {
    return await Promise.race([deps.tiktok.displayName(pair.accessToken), patience]);
  } catch (error) {
    if (error instanceof TikTokRefusal || error instanceof RetryableError) return null;
    throw error;
  } finally {
    answered.abort();
  }
}

/** TikTok's PKCE challenge is lower-case hex of SHA-256, not RFC 7636's base64url (Login Kit for desktop). */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("hex");
}

/**
 * Only a path of our own site. Parsing resolves dots and backslashes as a browser would, so what remains is compared with
 * what was asked for: `//host`, `/\\host` and `/.//host` all change on the way or name another host.
 */
function samePath(returnTo: string | undefined): string {
  const base = "https://page.invalid";
  if (returnTo === undefined || !URL.canParse(returnTo, base)) return "/";
  const { origin, pathname, search, hash } = new URL(returnTo, base);
  const path = `${pathname}${search}${hash}`;
  return origin === base && path === returnTo && !path.startsWith("//") ? path : "/";
}

function loginKey(state: string): Key {
  return { pk: `LOGIN#${digest(state)}`, sk: "LOGIN" };
}
