/**
 * Idempotency keys: which publication a caller's key began, for twice as long as an upload may take. The claim is stored before
 * the publication, so that a repeat after a crash goes on with the same id.
 */
import * as z from "zod/mini";
import { assert, VisibleError } from "../errors/index.ts";
import { uploadLifetimeMs } from "../publications/index.ts";
import { type Clock, digest, timeOrderedId } from "../system/index.ts";
import { type Key, load, type Stored, save, type TableDeps } from "../table/index.ts";

const claimSchema = z.object({
  publicationId: z.string(),
  requestHash: z.string(),
  expiresAtMs: z.number(),
});
type Claim = z.infer<typeof claimSchema>;

export interface ClaimInput {
  userId: string;
  /** Null when the caller gave no key: each request is then one of its own. */
  idempotencyKey: string | null;
  requestHash: string;
}

/** Twice the life of an upload: a late repeat still learns that its upload was given up. */
const claimLifetimeMs = 2 * uploadLifetimeMs;

type ClaimDeps = TableDeps & { clock: Clock };

/** The id that the key stands for, or null when it is new. Throws when it stands for another request. */
export async function findClaim(deps: ClaimDeps, input: ClaimInput): Promise<string | null> {
  if (input.idempotencyKey === null) return null;
  const stored = await loadClaim(deps, input.userId, input.idempotencyKey);
  return stored !== null && isAlive(deps, stored.value) ? sameRequest(stored.value, input) : null;
}

/** A new id, claimed for the key; or the id of whoever claimed it first. */
export async function claimId(deps: ClaimDeps, input: ClaimInput): Promise<string> {
  const publicationId = timeOrderedId(deps);
  if (input.idempotencyKey === null) return publicationId;
  const { userId, idempotencyKey, requestHash } = input;
  const known = await loadClaim(deps, userId, idempotencyKey);
  if (known !== null && isAlive(deps, known.value)) return sameRequest(known.value, input);

  const expiresAtMs = deps.clock.nowMs() + claimLifetimeMs;
  const value = { publicationId, requestHash, expiresAtMs };
  const previous = known ?? { key: claimKey(userId, idempotencyKey), version: 0 };
  const stored = await save(deps, claimSchema, previous, value, { expiresAtMs });
  if (stored !== null) return publicationId;
  const other = await loadClaim(deps, userId, idempotencyKey);
  assert(other, "a lost race leaves the winner's row");
  return sameRequest(other.value, input);
}

function loadClaim(
  deps: ClaimDeps,
  userId: string,
  idempotencyKey: string,
): Promise<Stored<Claim> | null> {
  return load(deps, claimSchema, claimKey(userId, idempotencyKey));
}

/** The table's TTL only tidies, days later. */
function isAlive(deps: ClaimDeps, claim: Claim): boolean {
  return claim.expiresAtMs > deps.clock.nowMs();
}

function sameRequest(claim: Claim, input: ClaimInput): string {
  if (claim.requestHash === input.requestHash) return claim.publicationId;
  throw new VisibleError(
    "conflict",
    "idempotency_conflict",
    "This Idempotency-Key was used for another request.",
  );
}

function claimKey(userId: string, idempotencyKey: string): Key {
  return { pk: `USER#${userId}`, sk: `IDEMPOTENCY#${digest(idempotencyKey)}` };
}
