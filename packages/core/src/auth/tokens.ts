/**
 * Access tokens that work, refreshed by one function at a time.
 *
 * ```
 * reader ── fresh enough? ── yes ─▶ open it
 *               │ no
 *               ▼
 *   claim `refreshing` by version ── lost ─▶ wait a little, read again (bounded)
 *               │ won
 *               ▼
 *   ask TikTok ─ new pair ─▶ store pair, clear the claim
 *              ─ refused  ─▶ account needs reconnecting
 *              ─ silence  ─▶ clear the claim, account unchanged
 * ```
 * TikTok may kill the old refresh token at once, so two refreshes at a time could store the dead pair last.
 */
import { FatalError, RetryableError } from "../errors/index.ts";
import { accountHash, type Clock, type Log, type Sealer, secret } from "../system/index.ts";
import { load, type Stored, save, type TableDeps, update } from "../table/index.ts";
import {
  explain,
  reactionTo,
  type TikTokDeps,
  TikTokRefusal,
  type TokenPair,
} from "../tiktok/index.ts";
import { type Account, accountKey, accountSchema, openPair, sealPair } from "./accounts.ts";

/** Longer than any relay invocation, so that a token does not die in the middle of one. */
const refreshBeforeMs = 2 * 3_600_000;
/** Longer than one call to TikTok may take; a crashed refresher blocks the others no longer than this. */
const claimMs = 30_000;
const pollMs = 500;
/** Tries to store a new pair, within the claim: TikTok has killed the old one, so a lost write costs the connection. */
const storeTriesMax = 5;
const storeBackoffMs = 200;
const pollsMax = (claimMs / pollMs) * 2;

export type TokenOwner = { userId: string; openId: string };
export type TokenFnDeps = TableDeps & TikTokDeps & { clock: Clock; sealer: Sealer; log: Log };

export interface FreshToken {
  accessToken: string;
  accessExpiresAtMs: number;
  refreshExpiresAtMs: number;
  /** The pair that it belongs to, as it is stored. */
  sealedTokens: string;
  /** TikTok has just given it to this caller. */
  isNew: boolean;
}

/** Throws `FatalError` when the creator must reconnect, `RetryableError` when TikTok cannot be reached. */
export async function accessToken(
  deps: TokenFnDeps,
  owner: TokenOwner | Stored<Account>,
): Promise<FreshToken> {
  return fresh(
    deps,
    owner,
    (account) => account.accessExpiresAtMs - deps.clock.nowMs() < refreshBeforeMs,
  );
}

/**
 * Refreshes although the token looks alive: TikTok has just refused `refusedToken`. When the stored token is another
 * one by now, somebody has refreshed already.
 */
export async function refreshAccount(
  deps: TokenFnDeps,
  owner: TokenOwner,
  refusedToken: string | null = null,
): Promise<FreshToken> {
  const before = connected(deps, await loadAccount(deps, owner));
  const pair = await openPair(deps, before.value);
  if (refusedToken !== null && pair.accessToken !== refusedToken) return opened(deps, before.value);
  const deadSealed = before.value.sealedTokens;
  return fresh(deps, owner, (account) => account.sealedTokens === deadSealed);
}

/** Begins with the account as it has just been read, when it is given. */
async function fresh(
  deps: TokenFnDeps,
  from: TokenOwner | Stored<Account>,
  isStale: (account: Account) => boolean,
): Promise<FreshToken> {
  const owner = "key" in from ? from.value : from;
  let known = "key" in from ? from : null;
  for (let poll = 0; poll < pollsMax; poll += 1) {
    const stored = connected(deps, known ?? (await loadAccount(deps, owner)));
    known = null;
    const account = stored.value;
    if (!isStale(account)) return opened(deps, account);
    const nowMs = deps.clock.nowMs();
    if (account.refreshing === null || account.refreshing.untilMs <= nowMs) {
      const claim = { owner: secret(deps.random), untilMs: nowMs + claimMs };
      const claimed = await save(deps, accountSchema, stored, { ...account, refreshing: claim });
      if (claimed !== null) return askForPair(deps, claimed);
    }
    await deps.clock.wait(pollMs);
  }
  throw new RetryableError("refresh_busy", "The account is being refreshed.", {
    retryAfterMs: claimMs,
  });
}

/** Only the holder of the claim comes here. */
async function askForPair(deps: TokenFnDeps, claimed: Stored<Account>): Promise<FreshToken> {
  const account = claimed.value;
  const pair = await openPair(deps, account);
  try {
    const next = await deps.tiktok.refresh(pair.refreshToken);
    const stored = await storePair(deps, claimed, next);
    return { ...(await opened(deps, stored)), isNew: true };
  } catch (error) {
    logFailure(deps, account, error);
    if (error instanceof TikTokRefusal && reactionTo(error.code) === "reconnect") {
      const stored = await settleClaim(deps, claimed, (current) => ({
        ...current,
        refreshing: null,
        reconnectReason: error.code,
      }));
      // A login meanwhile has brought a newer pair, of which TikTok has said nothing.
      if (stored.reconnectReason === null) return opened(deps, stored);
      throw reconnect(error.code);
    }
    // Silence, or a refusal of ours (wrong client secret): the account itself is not to blame and stays connected.
    await settleClaim(deps, claimed, (current) => ({ ...current, refreshing: null }));
    if (error instanceof TikTokRefusal) {
      throw new RetryableError(
        "refresh_refused",
        `TikTok refused our credentials (${error.code}).`,
        {
          cause: error,
          retryAfterMs: claimMs,
        },
      );
    }
    throw error;
  }
}

function logFailure(deps: TokenFnDeps, { openId }: Account, error: unknown): void {
  const isTikToks = error instanceof TikTokRefusal || error instanceof RetryableError;
  const code = isTikToks ? error.code : "internal";
  const fields = { account: accountHash(openId), code };
  deps.log.event("token.refresh-failed", fields, { TokenRefreshFailed: 1 });
}

async function storePair(
  deps: TokenFnDeps,
  claimed: Stored<Account>,
  pair: TokenPair,
): Promise<Account> {
  const account = claimed.value;
  for (let tries = 1; ; tries += 1) {
    try {
      const tokens = await sealPair(deps, account.userId, { ...pair, openId: account.openId });
      const value = { ...account, ...tokens, scopes: pair.scopes, refreshing: null };
      return await settleClaim(deps, claimed, () => value);
    } catch (error) {
      if (error instanceof FatalError || tries >= storeTriesMax) throw error;
      await deps.clock.wait(storeBackoffMs * 2 ** tries);
    }
  }
}

/** Writes only while the claim is still ours: a login meanwhile has stored a newer pair, which must win. */
async function settleClaim(
  deps: TokenFnDeps,
  claimed: Stored<Account>,
  change: (account: Account) => Account,
): Promise<Account> {
  const owner = claimed.value.refreshing?.owner;
  const stored = await update(deps, accountSchema, claimed.key, (current) =>
    current === null || current.refreshing?.owner !== owner ? null : change(current),
  );
  if (stored === null) throw reconnect("auth_removed");
  return stored.value;
}

function loadAccount(deps: TokenFnDeps, owner: TokenOwner): Promise<Stored<Account> | null> {
  return load(deps, accountSchema, accountKey(owner.userId, owner.openId));
}

function connected(deps: TokenFnDeps, stored: Stored<Account> | null): Stored<Account> {
  if (stored === null) throw reconnect("auth_removed");
  if (stored.value.reconnectReason !== null) throw reconnect(stored.value.reconnectReason);
  if (stored.value.refreshExpiresAtMs <= deps.clock.nowMs()) throw reconnect("invalid_grant");
  return stored;
}

async function opened(deps: TokenFnDeps, account: Account): Promise<FreshToken> {
  const pair = await openPair(deps, account);
  return {
    accessToken: pair.accessToken,
    accessExpiresAtMs: account.accessExpiresAtMs,
    refreshExpiresAtMs: account.refreshExpiresAtMs,
    sealedTokens: account.sealedTokens,
    isNew: false,
  };
}

function reconnect(tiktokCode: string): FatalError {
  return new FatalError("reconnect_required", explain(tiktokCode).message, { isRetryable: true });
}
