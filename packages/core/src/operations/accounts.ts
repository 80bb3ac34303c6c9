/** Disconnecting every account of a user. Each is revoked at TikTok before it is forgotten here. */
import { accountsOf, disconnect, type TokenFnDeps } from "../auth/index.ts";
import { VisibleError } from "../errors/index.ts";

export interface DisconnectedAccount {
  openId: string;
  displayName: string;
  isDisconnected: boolean;
  /** Why it is still connected. */
  why: string | null;
}

/** One after the other. Those that TikTok could not be asked about stay, so that a repeat finds them. */
export async function disconnectAll(
  deps: TokenFnDeps,
  userId: string,
): Promise<DisconnectedAccount[]> {
  const all: DisconnectedAccount[] = [];
  for (const { openId, displayName } of await accountsOf(deps, userId)) {
    all.push({ openId, displayName, ...(await disconnectOne(deps, { userId, openId })) });
  }
  return all;
}

async function disconnectOne(
  deps: TokenFnDeps,
  owner: { userId: string; openId: string },
): Promise<Pick<DisconnectedAccount, "isDisconnected" | "why">> {
  try {
    await disconnect(deps, owner);
  } catch (error) {
    if (!(error instanceof VisibleError)) throw error;
    // Gone meanwhile: somebody else has done it.
    if (error.code !== "not_found") return { isDisconnected: false, why: error.message };
  }
  return { isDisconnected: true, why: null };
}
