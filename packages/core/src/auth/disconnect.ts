/** The end of an account: the grant is revoked at TikTok before anything is forgotten here. */
import { FatalError, RetryableError, VisibleError } from "../errors/index.ts";
import { TikTokRefusal } from "../tiktok/index.ts";
import { type Account, findAccount, forgetAccount, openPair } from "./accounts.ts";
import { accessToken, type TokenFnDeps, type TokenOwner } from "./tokens.ts";

/**
 * Revokes at TikTok, then forgets the account. A refusal by TikTok means that the grant is dead already; when TikTok
 * cannot be reached nothing is forgotten, so that the creator may try again.
 */
export async function disconnect(deps: TokenFnDeps, owner: TokenOwner): Promise<void> {
  const { value } = await findAccount(deps, owner);
  try {
    await deps.tiktok.revoke(await tokenToRevoke(deps, value));
  } catch (error) {
    if (error instanceof RetryableError) {
      throw new VisibleError("unavailable", "tiktok_unavailable", "TikTok cannot be reached now.", {
        cause: error,
        retryAfterMs: error.retryAfterMs,
      });
    }
    if (!(error instanceof TikTokRefusal)) throw error;
  }
  await forgetAccount(deps, owner);
}

/**
 * TikTok revokes by access token, which lives a day, while the grant lives a year: a stale one is refreshed first. An
 * account that cannot be refreshed has only the token that it last had.
 */
async function tokenToRevoke(deps: TokenFnDeps, account: Account): Promise<string> {
  try {
    return (await accessToken(deps, account)).accessToken;
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    return (await openPair(deps, account)).accessToken;
  }
}
