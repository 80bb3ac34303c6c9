/**
 * Creator info for the post form: what the creator may choose now, or a clear refusal.
 */
import {
  type Account,
  findAccount,
  nameAccount,
  type TokenFnDeps,
  withToken,
} from "../auth/index.ts";
import { FatalError, RetryableError, VisibleError } from "../errors/index.ts";
import type { Stored } from "../table/index.ts";
import { type CreatorInfo, explain, TikTokRefusal } from "../tiktok/index.ts";

export type CreatorDeps = TokenFnDeps;

/**
 * Asks TikTok about the owner's account, or one that has just been read. Throws `VisibleError`: `not_found`, `creator_cannot_post` for the caps that TikTok answers with HTTP 200,
 * `reconnect_required`, `rate_limited`, `tiktok_unavailable`.
 */
export async function creatorInfo(
  deps: CreatorDeps,
  owner: { userId: string; openId: string } | Stored<Account>,
): Promise<CreatorInfo> {
  const account = "key" in owner ? owner : await findAccount(deps, owner);
  const info = await visible(() =>
    withToken(deps, account, (token) => deps.tiktok.creatorInfo(token)),
  );
  await nameAccount(deps, account, info.nickname);
  return info;
}

/** Runs a TikTok call of a request handler, its failures turned into answers for the creator. */
export async function visible<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof FatalError) {
      throw new VisibleError("conflict", error.code, error.message, { cause: error });
    }
    if (error instanceof TikTokRefusal) {
      const { message } = explain(error.code);
      throw new VisibleError("conflict", "creator_cannot_post", message, { cause: error });
    }
    if (error instanceof RetryableError) {
      const kind = error.code === "rate_limited" ? "too-many" : "unavailable";
      throw new VisibleError(kind, error.code, error.message, {
        cause: error,
        retryAfterMs: error.retryAfterMs,
      });
    }
    throw error;
  }
}
