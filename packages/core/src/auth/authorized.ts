/**
 * One TikTok call on behalf of an account: with a live token, refreshed once when TikTok says that it is dead.
 */
import { FatalError } from "../errors/index.ts";
import { explain, reactionTo, TikTokRefusal } from "../tiktok/index.ts";
import { markReconnect } from "./accounts.ts";
import { accessToken, refreshAccount, type TokenFnDeps, type TokenOwner } from "./tokens.ts";

/**
 * Runs `call` with an access token. Throws `FatalError` (`reconnect_required`) when only the creator can help, and
 * whatever else `call` throws.
 */
export async function withToken<T>(
  deps: TokenFnDeps,
  owner: TokenOwner,
  call: (accessToken: string) => Promise<T>,
): Promise<T> {
  const token = (await accessToken(deps, owner)).accessToken;
  try {
    return await call(token);
  } catch (error) {
    if (!(error instanceof TikTokRefusal)) throw error;
    if (reactionTo(error.code) === "refresh") return again(deps, owner, call, token);
    if (reactionTo(error.code) === "reconnect") await demandReconnect(deps, owner, error);
    throw error;
  }
}

async function again<T>(
  deps: TokenFnDeps,
  owner: TokenOwner,
  call: (accessToken: string) => Promise<T>,
  refusedToken: string,
): Promise<T> {
  const token = (await refreshAccount(deps, owner, refusedToken)).accessToken;
  try {
    return await call(token);
  } catch (error) {
    if (!(error instanceof TikTokRefusal)) throw error;
    const reaction = reactionTo(error.code);
    if (reaction === "refresh" || reaction === "reconnect") {
      await demandReconnect(deps, owner, error);
    }
    throw error;
  }
}

async function demandReconnect(
  deps: TokenFnDeps,
  owner: TokenOwner,
  refusal: TikTokRefusal,
): Promise<never> {
  await markReconnect(deps, { ...owner, reason: refusal.code });
  throw new FatalError("reconnect_required", explain(refusal.code).message, {
    cause: refusal,
    isRetryable: true,
  });
}
