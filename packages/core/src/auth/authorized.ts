/**
 * One TikTok call on behalf of an account: with a live token, refreshed once when TikTok says that it is dead.
 */
import { FatalError, RetryableError } from "../errors/index.ts";
import type { Stored } from "../table/index.ts";
import { explain, reactionTo, TikTokRefusal } from "../tiktok/index.ts";
import { type Account, markReconnect } from "./accounts.ts";
import {
  accessToken,
  type FreshToken,
  refreshAccount,
  type TokenFnDeps,
  type TokenOwner,
} from "./tokens.ts";

const refusalsMax = 2;
const replacedRetryAfterMs = 1_000;
/** A function may sleep between a refresh and its use; what was new then may have died since. Two calls take this long. */
const newMsMax = 40_000;

/**
 * Runs `call` with an access token of the owner's account, or of the account as it has just been read. Throws `FatalError`
 * (`reconnect_required`) when only the creator can help, `RetryableError` when nothing is known of the token that the
 * account has by now, and whatever else `call` throws.
 */
export async function withToken<T>(
  deps: TokenFnDeps,
  from: TokenOwner | Stored<Account>,
  call: (accessToken: string) => Promise<T>,
): Promise<T> {
  const owner = "key" in from ? from.value : from;
  const token = await accessToken(deps, from);
  try {
    return await call(token.accessToken);
  } catch (error) {
    if (!(error instanceof TikTokRefusal)) throw error;
    if (reactionTo(error.code) === "refresh") return again(deps, owner, call, token.accessToken);
    if (reactionTo(error.code) === "reconnect") await demandReconnect(deps, owner, error, token);
    throw error;
  }
}

/**
 * The token after a refusal is either new from TikTok or one that somebody else has stored meanwhile. The latter may have
 * died since, so its refusal does not prove that refreshing is of no help.
 */
async function again<T>(
  deps: TokenFnDeps,
  owner: TokenOwner,
  call: (accessToken: string) => Promise<T>,
  refusedToken: string,
): Promise<T> {
  let lastRefused = refusedToken;
  for (let refusals = 1; ; refusals += 1) {
    const askedAtMs = deps.clock.nowMs();
    const token = await refreshAccount(deps, owner, lastRefused);
    try {
      return await call(token.accessToken);
    } catch (error) {
      if (!(error instanceof TikTokRefusal)) throw error;
      const reaction = reactionTo(error.code);
      const isNew = token.isNew && deps.clock.nowMs() - askedAtMs < newMsMax;
      const isOver = reaction === "reconnect" || isNew || refusals >= refusalsMax;
      if (reaction !== "refresh" && reaction !== "reconnect") throw error;
      if (isOver) return demandReconnect(deps, owner, error, token);
      lastRefused = token.accessToken;
    }
  }
}

async function demandReconnect(
  deps: TokenFnDeps,
  owner: TokenOwner,
  refusal: TikTokRefusal,
  { sealedTokens }: FreshToken,
): Promise<never> {
  const { userId, openId } = owner;
  const input = { userId, openId, reason: refusal.code, sealedTokens };
  // Between our token and its refusal we may have slept, and somebody else have refreshed: nothing is known of theirs.
  if (!(await markReconnect(deps, input))) {
    throw new RetryableError("token_replaced", "The account was refreshed meanwhile.", {
      cause: refusal,
      retryAfterMs: replacedRetryAfterMs,
    });
  }
  throw new FatalError("reconnect_required", explain(refusal.code).message, {
    cause: refusal,
    isRetryable: true,
  });
}
