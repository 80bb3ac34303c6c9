/**
 * Sealing an account's tokens anew, after its key has been rotated or replaced. The pair itself stays what it is, and a
 * pair that somebody refreshes at the same moment always wins: only the very version that was read is written over.
 */
import { assert } from "../errors/index.ts";
import { type Key, load, save, type TableDeps } from "../table/index.ts";
import { accountSchema } from "./accounts.ts";

/** A refresh writes twice; nobody writes an account more often than this in the time of two KMS calls. */
const triesMax = 8;

/** Answers false when the account is gone. */
export async function resealTokens(
  deps: TableDeps,
  key: Key,
  reseal: (sealed: string, context: Record<string, string>) => Promise<string>,
): Promise<boolean> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const stored = await load(deps, accountSchema, key);
    if (stored === null) return false;
    const { userId, openId } = stored.value;
    const sealedTokens = await reseal(stored.value.sealedTokens, { userId, openId });
    if (await save(deps, accountSchema, stored, { ...stored.value, sealedTokens })) return true;
  }
  assert(false, "an account is quiet for a moment");
}
