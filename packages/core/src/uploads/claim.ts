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

export interface Found {
  /** The id that the key stands for; null when it is new. */
  publicationId: string | null;
  /** The claim as it was read, over which a new one is written; null when there was none. */
  previous: Stored<Claim> | null;
}

/** Throws when the key stands for another request. */
export async function findClaim(deps: ClaimDeps, input: ClaimInput): Promise<Found> {
  if (input.idempotencyKey === null) return { publicationId: null, previous: null };
  const previous = await loadClaim(deps, input.userId, input.idempotencyKey);
  // The table's TTL only tidies, days later.
  const isAlive = previous !== null && previous.value.expiresAtMs > deps.clock.nowMs();
  return { publicationId: isAlive ? sameRequest(previous.value, input) : null, previous };
}

/**
 * A new id, claimed for the key over the claim that was found; or the id of whoever claimed it first. The table decides:
 * whoever claims in between has changed the version that is written over.
 */
export async function claimId(deps: ClaimDeps, input: ClaimInput, found: Found): Promise<string> {
  const publicationId = timeOrderedId(deps);
  if (input.idempotencyKey === null) return publicationId;
  const { userId, idempotencyKey, requestHash } = input;
  const expiresAtMs = deps.clock.nowMs() + claimLifetimeMs;
  const value = { publicationId, requestHash, expiresAtMs };
  const previous = found.previous ?? { key: claimKey(userId, idempotencyKey), version: 0 };
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

function sameRequest(claim: Claim, input: ClaimInput): string {
  if (claim.requestHash === input.requestHash) return claim.publicationId;
  throw new VisibleError(
    "conflict",
    "idempotency_conflict",
    "This Idempotency-Key was used for another request.",
  );
}

export function claimKey(userId: string, idempotencyKey: string): Key {
  return { pk: `USER#${userId}`, sk: `IDEMPOTENCY#${digest(idempotencyKey)}` };
}
