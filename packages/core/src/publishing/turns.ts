/**
 * Turns: how many relays one user may hold at once, so that a user with hundreds of videos leaves slots to everybody.
 *
 * ```
 * takeTurn ─▶ a turn is free ─▶ relay ─▶ endTurn ─▶ handed to the first waiter, which is woken
 *                │ none                     └─ kept, when the same video goes on in a next invocation
 *                ▼
 *          waiters (the first few) or a time to come back (all others)
 * ```
 * One row per user. It is never the truth about who works: that is the lease. A turn whose publication has no living
 * lease counts as free, so a crash, a lost write or a cancellation can only delay, never block.
 */
import * as z from "zod/mini";
import { loadPublication, type Publication } from "../publications/index.ts";
import type { Clock, Log } from "../system/index.ts";
import { type Key, load, type TableDeps, update } from "../table/index.ts";
import { type QueueDeps, sendRelay } from "./messages.ts";

/**
 * Relays of one user at once. An account may begin 5 videos in 70 s, and 4 GB take about 40 s at full speed: four
 * streams use up what TikTok allows one account. Of the ten relays, two such users leave two to everybody else.
 */
const turnsPerUser = 4;
/** Waiters that are woken by the end of a turn; kept few, since each turn writes the row. */
const waitersMax = 32;

/** Time between taking a turn and taking the lease. */
const takeMs = 15_000;
/** Time for a woken waiter to come. */
const handOverMs = 30_000;
/** Time for the continuation of the same video, which other users' messages may precede. */
const keepMs = 120_000;

/** A waiter whose wake-up got lost comes by itself, the less often the longer it has waited. */
const lookFirstMs = 120_000;
const lookMaxMs = 900_000;
/**
 * For whoever finds no room among the waiters. One account begins a video in 15 s at most, so that in this time its
 * waiters cannot run out; those of a user with many accounts do, and so the first look comes as soon as a waiter's.
 */
const outsiderLookMaxMs = waitersMax * 15_000;

const turnsSchema = z.object({
  turns: z.array(
    z.object({
      publicationId: z.string(),
      /** The invocation; null while it is kept for whichever comes next. */
      owner: z.nullable(z.string()),
      /** Held without a lease until then. */
      untilMs: z.number(),
    }),
  ),
  /** In their order: what has begun goes first, because its upload URL runs out; then what was queued first. */
  waiters: z.array(
    z.object({ publicationId: z.string(), queuedAtMs: z.number(), hasBegun: z.boolean() }),
  ),
});
type Turns = z.infer<typeof turnsSchema>;
type Turn = Turns["turns"][number];

/** Long after anything in the row has lost its meaning. */
const rowLifetimeMs = 24 * 3_600_000;

type TurnDeps = TableDeps & { clock: Clock };

/** Takes a turn for this invocation. Answers 0 when it has one, else when to look again, unless it is woken before. */
export async function takeTurn(
  deps: TurnDeps,
  publication: Publication,
  owner: string,
): Promise<number> {
  const turns = (await load(deps, turnsSchema, keyOf(publication.userId)))?.value.turns ?? [];
  const isFull = othersOf(turns, publication.id).length >= turnsPerUser;
  const dead = isFull ? await findDead(deps, publication.userId, turns) : [];
  const isDead = (turn: Turn) =>
    dead.some((it) => it.publicationId === turn.publicationId && it.untilMs === turn.untilMs);

  let waitMs = 0;
  await change(deps, publication.userId, (row, nowMs) => {
    const others = othersOf(row.turns, publication.id).filter((turn) => !isDead(turn));
    if (others.length < turnsPerUser) {
      waitMs = 0;
      const mine = { publicationId: publication.id, owner, untilMs: nowMs + takeMs };
      return { ...row, turns: [...others, mine], waiters: othersOf(row.waiters, publication.id) };
    }
    const queued = queueUp(row, publication, nowMs);
    waitMs = queued.waitMs;
    return queued.next;
  });
  return waitMs;
}

/**
 * Gives the turn back, if this invocation still has it or it was kept for this publication. It never throws: what the
 * invocation has achieved stands, and a turn that cannot be given back lapses with the lease.
 */
export async function endTurn(
  deps: TurnDeps & Pick<QueueDeps, "relayQueue"> & { log: Log },
  holder: Holder,
  given: { isKept: boolean },
): Promise<void> {
  try {
    const woken = await passOn(deps, holder, given);
    if (woken !== null) await sendRelay(deps, { userId: holder.userId, id: woken });
  } catch (error) {
    const code = error instanceof Error ? error.name : "unknown";
    deps.log.event("turn.stuck", { publicationId: holder.publicationId, code });
  }
}

interface Holder {
  userId: string;
  publicationId: string;
  owner: string;
}

/** Answers the waiter that the turn was handed to. */
async function passOn(
  deps: TurnDeps,
  { userId, publicationId, owner }: Holder,
  { isKept }: { isKept: boolean },
): Promise<string | null> {
  let woken: string | null = null;
  await change(deps, userId, (row, nowMs) => {
    woken = null;
    const mine = row.turns.find((turn) => turn.publicationId === publicationId);
    if (mine === undefined || (mine.owner !== null && mine.owner !== owner)) return null;
    const others = othersOf(row.turns, publicationId);
    if (isKept) {
      const kept = { publicationId, owner: null, untilMs: nowMs + keepMs };
      return { ...row, turns: [...others, kept] };
    }
    const [first, ...waiters] = othersOf(row.waiters, publicationId);
    if (first === undefined) return { ...row, turns: others, waiters };
    woken = first.publicationId;
    const handed = { publicationId: woken, owner: null, untilMs: nowMs + handOverMs };
    return { ...row, turns: [...others, handed], waiters };
  });
  return woken;
}

function queueUp(
  row: Turns,
  { id, task, history, createdAtMs }: Publication,
  nowMs: number,
): { next: Turns; waitMs: number } {
  const queuedAtMs = history.findLast(({ status }) => status === "queued")?.atMs ?? createdAtMs;
  const mine = { publicationId: id, queuedAtMs, hasBegun: task !== null };
  const waiters = [...othersOf(row.waiters, id), mine]
    .sort(
      (one, other) =>
        Number(other.hasBegun) - Number(one.hasBegun) || one.queuedAtMs - other.queuedAtMs,
    )
    .slice(0, waitersMax);
  const waitedMs = Math.max(lookFirstMs, nowMs - queuedAtMs);
  const waitMs = waiters.includes(mine)
    ? Math.min(lookMaxMs, waitedMs)
    : spread(Math.min(outsiderLookMaxMs, waitedMs), id);
  return { next: { ...row, waiters }, waitMs };
}

/** Half to one and a half of it, by the random end of the id: those that were queued together do not come together. */
function spread(waitMs: number, id: string): number {
  return Math.round(waitMs * (0.5 + Number.parseInt(id.slice(-4), 16) / 0x10000));
}

/** Turns that nobody uses: their time to come is over, and their publication has no living lease. */
async function findDead(deps: TurnDeps, userId: string, turns: Turn[]): Promise<Turn[]> {
  const nowMs = deps.clock.nowMs();
  const late = turns.filter(({ untilMs }) => untilMs <= nowMs);
  const holders = await Promise.all(
    late.map(({ publicationId }) => loadPublication(deps, { userId, publicationId })),
  );
  return late.filter((_, index) => {
    const lease = holders[index]?.value.lease ?? null;
    return lease === null || lease.expiresAtMs <= nowMs;
  });
}

function othersOf<T extends { publicationId: string }>(all: T[], id: string): T[] {
  return all.filter(({ publicationId }) => publicationId !== id);
}

async function change(
  deps: TurnDeps,
  userId: string,
  next: (row: Turns, nowMs: number) => Turns | null,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await update(
    deps,
    turnsSchema,
    keyOf(userId),
    (row) => next(row ?? { turns: [], waiters: [] }, nowMs),
    () => ({ expiresAtMs: nowMs + rowLifetimeMs }),
  );
}

function keyOf(userId: string): Key {
  return { pk: `USER#${userId}`, sk: "TURNS" };
}
