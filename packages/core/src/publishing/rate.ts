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
 * ```
 * A time is when to come, not a right: the window alone decides, so a time that nobody keeps costs nothing but itself.
 */
import * as z from "zod";
import type { Clock } from "../system/index.ts";
import { type TableDeps, update } from "../table/index.ts";

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

const rateSchema = z.object({
  takenAtMs: z.array(z.number()),
  /** The last time given out in each line; the times before it need not be known. */
  lineEndAtMs: z.object({ first: z.number(), again: z.number() }).default({ first: 0, again: 0 }),
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

/** Before an init is prepared: 0 when the window has a place for it now, else how long until its own time. */
export function awaitPlace(deps: RateDeps, owner: Owner, line: Line): Promise<number> {
  return comeBackIn(deps, { owner, call: "init" }, (rate, nowMs) => {
    const freeAtMs = firstFreeMs(rate, "init", nowMs);
    const isBehind = line === "first" && rate.lineEndAtMs.first > nowMs;
    if (freeAtMs <= nowMs && !isBehind) return { atMs: nowMs, next: null };
    return lineUp(rate, line, freeAtMs, nowMs);
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
      const lineEndAtMs = stored?.lineEndAtMs ?? { first: 0, again: 0 };
      const answer = decide({ takenAtMs: recent, lineEndAtMs }, nowMs);
      atMs = answer.atMs;
      return answer.next;
    },
    ({ lineEndAtMs }) => ({
      expiresAtMs: Math.max(nowMs, lineEndAtMs.first, lineEndAtMs.again) + windowMs,
    }),
  );
  return Math.max(0, atMs - nowMs);
}

function firstFreeMs({ takenAtMs }: Rate, call: RatedCall, nowMs: number): number {
  const oldest = takenAtMs[takenAtMs.length - callsPerWindow[call]];
  return oldest === undefined ? nowMs : Math.max(nowMs + 1, oldest + windowMs);
}

function lineUp(rate: Rate, line: Line, freeAtMs: number, nowMs: number): Answer {
  const lastAtMs = rate.lineEndAtMs[line];
  const atMs = lastAtMs > nowMs ? Math.max(freeAtMs, lastAtMs + paceMs) : freeAtMs;
  return { atMs, next: { ...rate, lineEndAtMs: { ...rate.lineEndAtMs, [line]: atMs } } };
}
