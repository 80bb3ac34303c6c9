/**
 * TikTok's rate windows, kept on our side so that a call is never made to be refused: a sliding minute per account and
 * kind of call (rate limits page). One row per account and kind; taking a place is one conditional write.
 */
import * as z from "zod";
import type { Clock } from "../system/index.ts";
import { type Key, type TableDeps, update } from "../table/index.ts";

/**
 * TikTok's minute, and as much again as a call may come later than its place was taken: functions' clocks differ, a
 * token may have to be opened first, and requests travel.
 */
const windowMs = 60_000 + 10_000;

/** Calls per window and token, one below TikTok's. */
const callsPerWindow = { init: 5, status: 28 } as const;
export type RatedCall = keyof typeof callsPerWindow;

const rateSchema = z.object({ takenAtMs: z.array(z.number()) });

/** Takes a place in the window. Answers 0 when it is taken, else how long until one may be free. */
export async function takePlace(
  deps: TableDeps & { clock: Clock },
  owner: { userId: string; openId: string },
  call: RatedCall,
): Promise<number> {
  const nowMs = deps.clock.nowMs();
  let waitMs = 0;
  await update(
    deps,
    rateSchema,
    rateKey(owner, call),
    (rate) => {
      const recent = (rate?.takenAtMs ?? []).filter((atMs) => atMs > nowMs - windowMs);
      const oldest = recent[0];
      waitMs =
        recent.length >= callsPerWindow[call] && oldest !== undefined
          ? Math.max(1, oldest + windowMs - nowMs)
          : 0;
      return waitMs > 0 ? null : { takenAtMs: [...recent, nowMs] };
    },
    () => ({ expiresAtMs: nowMs + windowMs }),
  );
  return waitMs;
}

function rateKey(owner: { userId: string; openId: string }, call: RatedCall): Key {
  return { pk: `USER#${owner.userId}`, sk: `RATE#${owner.openId}#${call}` };
}
