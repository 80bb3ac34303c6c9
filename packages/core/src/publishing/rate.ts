/**
 * TikTok's rate windows, kept on our side so that a call is never made to be refused: a sliding minute per account and
 * kind of call (rate limits page). One row per account and kind; taking a place is one conditional write.
 *
 * Whoever finds the window for init full is given a time of its own, so that hundreds of videos do not all wake for the
 * next five places:
 *
 * ```
 * first line   queued, never begun   ──15 s──15 s──15 s──▶   no one overtakes: 500 videos know their time at once
 * again line   missed, or refused    ──15 s──15 s──▶         need not queue behind the first line once more
 * closed line  while a cap lasts     ·········└─15 s──15 s─▶ begins when the cap may be over; drafts go on meanwhile
 * ```
 * A time is when to come, not a right: the window alone decides. Where nobody keeps the times of the first line, as when
 * hundreds of videos have been cancelled, the next one to come begins it anew.
 */
import * as z from "zod/mini";
import type { Publication } from "../publications/index.ts";
import type { Clock } from "../system/index.ts";
import { type TableDeps, update } from "../table/index.ts";
import type { Wait } from "./park.ts";

/**
 * TikTok's minute, and as much again as a call may come later than its place was taken: functions' clocks differ, a
 * token may have to be opened first, and requests travel.
 */
const windowMs = 60_000 + 10_000;

/** Calls per window and token, one below TikTok's. */
const callsPerWindow = { init: 5, status: 28 } as const;
export type RatedCall = keyof typeof callsPerWindow;

/** Between two times of a line: a little more than a place takes to come free, so that who comes on time finds one. */
const paceMs = windowMs / callsPerWindow.init + 1_000;

export type Line = "first" | "again";

const noLine = { first: 0, again: 0, closed: 0 };
const rateSchema = z.object({
  takenAtMs: z.array(z.number()),
  /** The last time given out in each line; the times before it need not be known. */
  lineEndAtMs: z._default(
    z.object({ first: z.number(), again: z.number(), closed: z.number() }),
    noLine,
  ),
  /** TikTok takes no posts of this kind until then: a daily cap, found out by one and heeded by all. */
  closed: z._default(
    z.nullable(
      z.object({ mode: z.enum(["direct", "inbox"]), reason: z.string(), untilMs: z.number() }),
    ),
    null,
  ),
});
type Rate = z.infer<typeof rateSchema>;

type RateDeps = TableDeps & { clock: Clock };
interface Owner {
  userId: string;
  openId: string;
}

/** Takes a place in the window. Answers 0 when it is taken, else how long until one is likely to be free. */
export function takePlace(deps: RateDeps, owner: Owner, call: RatedCall): Promise<number> {
  return comeBackIn(deps, { owner, call }, (rate, nowMs) => {
    const freeAtMs = firstFreeMs(rate, call, nowMs);
    if (freeAtMs <= nowMs) {
      return { atMs: nowMs, next: { ...rate, takenAtMs: [...rate.takenAtMs, nowMs] } };
    }
    return call === "init"
      ? lineUp(rate, "again", freeAtMs, nowMs)
      : { atMs: freeAtMs, next: null };
  });
}

/**
 * Takes up to `count` places for status checks with one write. Answers for each call 0 when it has one, else how long
 * until one is likely to be free: those that cannot all have the next window are sent to the ones after it.
 */
export async function takeStatusPlaces(
  deps: RateDeps,
  owner: Owner,
  count: number,
): Promise<number[]> {
  const calls = callsPerWindow.status;
  let waitsMs: number[] = [];
  await comeBackIn(deps, { owner, call: "status" }, (rate, nowMs) => {
    const room = Math.max(0, Math.min(count, calls - rate.takenAtMs.length));
    const takenAtMs = [...rate.takenAtMs, ...Array.from({ length: room }, () => nowMs)];
    const freeAtMs = takenAtMs.slice(-calls).map((atMs) => Math.max(nowMs + 1, atMs + windowMs));
    waitsMs = Array.from({ length: count }, (_, n) => {
      const later = n - room;
      if (later < 0) return 0;
      return (freeAtMs[later % calls] ?? nowMs) - nowMs + Math.floor(later / calls) * windowMs;
    });
    return { atMs: nowMs, next: room > 0 ? { ...rate, takenAtMs } : null };
  });
  return waitsMs;
}

/** Before an init is prepared: null when the window has a place for it now, else until when and why it waits. */
export async function awaitPlace(
  deps: RateDeps,
  { userId, openId, post }: Pick<Publication, "userId" | "openId" | "post">,
  line: Line,
): Promise<Wait | null> {
  let reason = "rate_limited";
  const owner = { userId, openId };
  const waitMs = await comeBackIn(deps, { owner, call: "init" }, (rate, nowMs) => {
    const closed = rate.closed?.mode === post.mode ? rate.closed : null;
    if (closed !== null && closed.untilMs > nowMs) {
      reason = closed.reason;
      return lineUp(rate, "closed", closed.untilMs, nowMs);
    }
    const freeAtMs = firstFreeMs(rate, "init", nowMs);
    const isBehind = line === "first" && rate.lineEndAtMs.first > nowMs;
    if (freeAtMs <= nowMs && !isBehind) return { atMs: nowMs, next: null };
    // A whole window in which nobody came: whoever was given the times of this line has gone, or waits elsewhere.
    if (isBehind && rate.takenAtMs.length === 0) {
      return { atMs: nowMs, next: { ...rate, lineEndAtMs: { ...rate.lineEndAtMs, first: 0 } } };
    }
    return lineUp(rate, line, freeAtMs, nowMs);
  });
  return waitMs === 0 ? null : { reason, waitMs };
}

/** TikTok has refused a post for a longer time; the account's other posts of this kind need not hear it one by one. */
export async function closeInits(
  deps: RateDeps,
  { userId, openId, post }: Pick<Publication, "userId" | "openId" | "post">,
  { reason, waitMs }: Wait,
): Promise<void> {
  const owner = { userId, openId };
  await comeBackIn(deps, { owner, call: "init" }, (rate, nowMs) => {
    const closed = { mode: post.mode, reason, untilMs: nowMs + waitMs };
    return { atMs: closed.untilMs, next: { ...rate, closed } };
  });
}

interface Answer {
  atMs: number;
  /** Null leaves the row as it is. */
  next: Rate | null;
}

async function comeBackIn(
  deps: RateDeps,
  { owner, call }: { owner: Owner; call: RatedCall },
  decide: (rate: Rate, nowMs: number) => Answer,
): Promise<number> {
  const nowMs = deps.clock.nowMs();
  let atMs = nowMs;
  await update(
    deps,
    rateSchema,
    { pk: `USER#${owner.userId}`, sk: `RATE#${owner.openId}#${call}` },
    (stored) => {
      const recent = (stored?.takenAtMs ?? []).filter((takenAtMs) => takenAtMs > nowMs - windowMs);
      const known = stored ?? { lineEndAtMs: noLine, closed: null };
      const answer = decide({ ...known, takenAtMs: recent }, nowMs);
      atMs = answer.atMs;
      return answer.next;
    },
    ({ lineEndAtMs: lines, closed }) => ({
      expiresAtMs:
        Math.max(nowMs, lines.first, lines.again, lines.closed, closed?.untilMs ?? 0) + windowMs,
    }),
  );
  return Math.max(0, atMs - nowMs);
}

function firstFreeMs({ takenAtMs }: Rate, call: RatedCall, nowMs: number): number {
  const oldest = takenAtMs[takenAtMs.length - callsPerWindow[call]];
  return oldest === undefined ? nowMs : Math.max(nowMs + 1, oldest + windowMs);
}

function lineUp(rate: Rate, line: Line | "closed", freeAtMs: number, nowMs: number): Answer {
  const lastAtMs = rate.lineEndAtMs[line];
  const atMs = lastAtMs > nowMs ? Math.max(freeAtMs, lastAtMs + paceMs) : freeAtMs;
  return { atMs, next: { ...rate, lineEndAtMs: { ...rate.lineEndAtMs, [line]: atMs } } };
}
