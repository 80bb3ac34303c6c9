/**
 * The end of a relay message whose receives are spent: its creator must see a failure, unless somebody is still at work
 * on the publication or is known to come back to it. An operator must see it too, so a record of it is kept.
 */
import * as z from "zod/mini";
import { type Failure, loadPublication, type Publication } from "../publications/index.ts";
import { type Key, parseRow, type Stored, type TableDeps, update } from "../table/index.ts";
import { type ApplyDeps, apply } from "./apply.ts";
import type { RelayMessage } from "./messages.ts";
import { inDoubt, mayBeDelivered } from "./task.ts";

const deadLetterSchema = z.object({
  userId: z.string(),
  publicationId: z.string(),
  /** Which attempt of the publication ended like this. */
  attempt: z.int(),
  atMs: z.number(),
  /** How often the message was received, over both queues; null where nobody counted. */
  receives: z.nullable(z.int()),
  /** What the creator is told. */
  code: z.string(),
  /** The relay's last run, as the record showed it: its own id stands in the function's log. */
  lastRelay: z.nullable(z.string()),
  fence: z.int(),
  fruitlessRuns: z.int(),
  confirmedBytes: z.int(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** As long as the dead-letter queue itself would have kept the message. */
const recordLifetimeMs = 14 * 24 * 3_600_000;
const partition = "DEAD";
const prefix = "LETTER#";

/** Answers whether the publication was marked as failed. */
export async function deadLetter(
  deps: ApplyDeps,
  message: RelayMessage & { receives?: number | null },
): Promise<boolean> {
  const stored = await loadPublication(deps, message);
  if (stored === null) return false;
  const { status, lease, waiting } = stored.value;
  const isHeld = lease !== null && lease.expiresAtMs > deps.clock.nowMs();
  if ((status !== "queued" && status !== "relaying") || isHeld || waiting !== null) return false;
  const retryable = {
    code: "relay_failed",
    message: "Sending the video to TikTok failed several times. Try again later.",
    isRetryable: true,
  };
  const failure = mayBeDelivered(stored.value) ? inDoubt(retryable) : retryable;
  // Before the mark: a crash in between leaves a record too many, which its reader recognises, and never one too few.
  await keepRecord(deps, stored.value, failure, message.receives ?? null);
  const applied = await apply(deps, stored.key, { type: "failed", failure });
  return applied?.isApplied ?? false;
}

/** One record for each attempt, however often its message is delivered. */
async function keepRecord(
  deps: ApplyDeps,
  { userId, id, attempt, lease, fence, fruitlessRuns, task }: Publication,
  { code }: Failure,
  receives: number | null,
): Promise<void> {
  const letter = { userId, publicationId: id, attempt, code, receives, fence, fruitlessRuns };
  const atMs = deps.clock.nowMs();
  await update(
    deps,
    deadLetterSchema,
    deadLetterKey(id, attempt),
    (known) =>
      known === null
        ? {
            ...letter,
            atMs,
            lastRelay: lease?.owner ?? null,
            confirmedBytes: task?.confirmedBytes ?? 0,
          }
        : null,
    () => ({ expiresAtMs: atMs + recordLifetimeMs }),
  );
}

/** One page, by age of the publication. `publicationId` asks for the records of one alone. */
export async function deadLetters(
  deps: TableDeps,
  input: { publicationId: string | null; limit: number; after: string | null },
): Promise<{ letters: Stored<DeadLetter>[]; next: string | null }> {
  const page = await deps.table.query({
    pk: partition,
    skPrefix: input.publicationId === null ? prefix : `${prefix}${input.publicationId}#`,
    limit: input.limit,
    afterSk: input.after,
    descending: false,
  });
  return { letters: page.rows.map((row) => parseRow(deadLetterSchema, row)), next: page.lastSk };
}

function deadLetterKey(publicationId: string, attempt: number): Key {
  // Attempts sort as numbers do.
  return { pk: partition, sk: `${prefix}${publicationId}#${String(attempt).padStart(6, "0")}` };
}
