/**
 * Accounts: one TikTok `open_id` each, below its user, and the row that says whose it is.
 *
 * The owner row is written first and the account second, each conditionally; a crash between them leaves an owner
 * without an account, which the next login of the same user completes.
 */
import * as z from "zod/mini";
import { VisibleError } from "../errors/index.ts";
import type { Clock, Sealer } from "../system/index.ts";
import { type Key, load, parseRow, type Stored, type TableDeps, update } from "../table/index.ts";
import type { TokenPair } from "../tiktok/index.ts";

export const accountSchema = z.object({
  userId: z.string(),
  openId: z.string(),
  displayName: z.string(),
  scopes: z.array(z.string()),
  /** `{accessToken, refreshToken}` as JSON, sealed with the context {userId, openId}. */
  sealedTokens: z.string(),
  accessExpiresAtMs: z.number(),
  refreshExpiresAtMs: z.number(),
  /** Set while one function asks TikTok for a new pair. */
  refreshing: z.nullable(z.object({ owner: z.string(), untilMs: z.number() })),
  /** The latest login; news from TikTok that is older says nothing about it. */
  connectedAtMs: z.number(),
  /** TikTok's code, when only the creator can bring the account back. */
  reconnectReason: z.nullable(z.string()),
});
export type Account = z.infer<typeof accountSchema>;

const ownerSchema = z.object({ userId: z.string() });

/** What an account is called until TikTok has told its name. */
export const neutralName = "TikTok account";

/** More accounts than a page show nobody's real use. */
const accountsMax = 100;

export function accountKey(userId: string, openId: string): Key {
  return { pk: `USER#${userId}`, sk: `ACCOUNT#${openId}` };
}

export async function accountsOf(deps: TableDeps, userId: string): Promise<Account[]> {
  const page = await deps.table.query({
    pk: `USER#${userId}`,
    skPrefix: "ACCOUNT#",
    limit: accountsMax,
    afterSk: null,
    descending: false,
  });
  return page.rows.map((row) => parseRow(accountSchema, row).value);
}

/** The caller's account; another user's answers as if it did not exist. */
export async function findAccount(
  deps: TableDeps,
  input: { userId: string; openId: string },
): Promise<Stored<Account>> {
  const stored = await load(deps, accountSchema, accountKey(input.userId, input.openId));
  if (stored === null) throw new VisibleError("not-found", "not_found", "No such account.");
  return stored;
}

export async function findAccountByOpenId(
  deps: TableDeps,
  openId: string,
): Promise<Stored<Account> | null> {
  const owner = await load(deps, ownerSchema, ownerKey(openId));
  return owner && load(deps, accountSchema, accountKey(owner.value.userId, openId));
}

/**
 * Says whose account it is from now on. A signed-in user claims it for themself, anybody else gets its owner or a new
 * user. Null when it belongs to another user than the one who is signed in.
 */
export async function claimAccount(
  deps: TableDeps,
  input: { openId: string; userId: string | null; newUserId: string },
): Promise<string | null> {
  const candidate = input.userId ?? input.newUserId;
  const stored = await update(deps, ownerSchema, ownerKey(input.openId), (owner) =>
    owner === null ? { userId: candidate } : null,
  );
  const ownerId = stored?.value.userId ?? candidate;
  return input.userId !== null && ownerId !== input.userId ? null : ownerId;
}

/**
 * Stores what a login brought. A new login replaces the tokens and ends any reason to reconnect. Without a name the
 * account keeps the one that it has.
 */
export async function storeLogin(
  deps: TableDeps & { sealer: Sealer; clock: Clock },
  input: { userId: string; pair: TokenPair; displayName: string | null },
): Promise<void> {
  const { userId, pair, displayName } = input;
  const tokens = await sealPair(deps, userId, pair);
  await update(deps, accountSchema, accountKey(userId, pair.openId), (known) => ({
    userId,
    openId: pair.openId,
    displayName: displayName ?? known?.displayName ?? neutralName,
    scopes: pair.scopes,
    ...tokens,
    refreshing: null,
    connectedAtMs: deps.clock.nowMs(),
    reconnectReason: null,
  }));
}

/** Gives its name to an account whose login did not learn it. */
export async function nameAccount(
  deps: TableDeps,
  known: Stored<Account>,
  displayName: string,
): Promise<void> {
  // A name is given once and stays, so the account as it was read knows enough.
  if (known.value.displayName !== neutralName) return;
  const { userId, openId } = known.value;
  await update(deps, accountSchema, accountKey(userId, openId), (account) =>
    account === null || account.displayName !== neutralName || displayName === neutralName
      ? null
      : { ...account, displayName },
  );
}

export async function sealPair(
  deps: { sealer: Sealer; clock: Clock },
  userId: string,
  pair: TokenPair,
): Promise<Pick<Account, "sealedTokens" | "accessExpiresAtMs" | "refreshExpiresAtMs">> {
  const nowMs = deps.clock.nowMs();
  const { accessToken, refreshToken } = pair;
  const plaintext = JSON.stringify({ accessToken, refreshToken });
  return {
    sealedTokens: await deps.sealer.seal(plaintext, { userId, openId: pair.openId }),
    accessExpiresAtMs: nowMs + pair.accessExpiresInSec * 1000,
    refreshExpiresAtMs: nowMs + pair.refreshExpiresInSec * 1000,
  };
}

const pairSchema = z.object({ accessToken: z.string(), refreshToken: z.string() });

export async function openPair(deps: { sealer: Sealer }, account: Account) {
  const context = { userId: account.userId, openId: account.openId };
  return pairSchema.parse(JSON.parse(await deps.sealer.open(account.sealedTokens, context)));
}

/**
 * Records that only the creator can bring this account back. An account that is gone stays gone, and one that has other
 * tokens than those of which it was said (`sealedTokens`) stays as it is. False in the latter case.
 */
export async function markReconnect(
  deps: TableDeps,
  input: { userId: string; openId: string; reason: string; sealedTokens?: string },
): Promise<boolean> {
  let isMeant = true;
  await update(deps, accountSchema, accountKey(input.userId, input.openId), (account) => {
    const { sealedTokens = account?.sealedTokens } = input;
    isMeant = account === null || account.sealedTokens === sealedTokens;
    if (account === null || !isMeant || account.reconnectReason !== null) return null;
    return { ...account, reconnectReason: input.reason, refreshing: null };
  });
  return isMeant;
}

/** Removes what is stored of the account. Repeating it is harmless. */
export async function forgetAccount(
  deps: TableDeps,
  input: { userId: string; openId: string },
): Promise<void> {
  await forget(deps, accountKey(input.userId, input.openId));
  await forget(deps, ownerKey(input.openId));
}

function ownerKey(openId: string): Key {
  return { pk: `OPENID#${openId}`, sk: "OWNER" };
}

/** Deletes whatever version is there; a few tries outlast a concurrent refresh. */
async function forget(deps: TableDeps, key: Key): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const row = await deps.table.get(key);
    if (row === null || (await deps.table.remove(key, row.version))) return;
  }
  throw new VisibleError("conflict", "account_busy", "The account is in use. Try again.");
}
