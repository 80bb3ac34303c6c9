/**
 * Sending the relay message again, for a publication that is due and has no relay.
 *
 * ```
 * its lease ran out           the relay died, and its message stays hidden for 16 minutes ─▶ send at once
 * a long wait will soon end   there never was a message                                   ─▶ send, ahead of its end
 * no lease, hardly any wait   the message got lost                                        ─▶ send, less and less often
 * no lease, a long backlog    most likely it stands in line like all others               ─▶ look again later
 * ```
 * In a long backlog a message too many costs an invocation and delays all behind it, and one in place of a lost one would
 * only join the end of the same line. So it is sent when the line has become short, or after an hour all the same.
 */
import {
  isSettled,
  type Publication,
  relayGraceMs,
  reviseKnown,
  type StoredPublication,
} from "../publications/index.ts";
import type { Clock, Log } from "../system/index.ts";
import type { TableDeps } from "../table/index.ts";
import { relaySlots } from "./backlog.ts";
import { type QueueDeps, sendRelay } from "./messages.ts";
import { isWaiting } from "./park.ts";

const delayMaxMs = 15 * 60_000;
/** How long a backlog excuses a missing relay; twice as long after each message that was sent all the same. */
const patienceMs = 3_600_000;

export type NudgeDeps = TableDeps & Pick<QueueDeps, "relayQueue"> & { clock: Clock; log: Log };
export type Nudge = (stored: StoredPublication) => Promise<void>;

/** For one tick: how long the line is, is asked at most once. */
export function createNudge(deps: NudgeDeps): Nudge {
  let line: Promise<number> | null = null;
  const isLong = async () => {
    // Without an answer nobody is known to stand in line.
    line ??= deps.relayQueue.waiting().catch(() => 0);
    return (await line) >= relaySlots;
  };
  return async (stored) => {
    const isInLine = mayBeQueued(stored.value) && (await isLong());
    await nudge(deps, stored, isInLine);
  };
}

async function nudge(deps: NudgeDeps, stored: StoredPublication, isInLine: boolean): Promise<void> {
  const nowMs = deps.clock.nowMs();
  let isSent = false;
  let waitMs = 0;
  await reviseKnown(deps, stored, (publication) => {
    isSent = false;
    const { dueAtMs, nudges } = publication;
    if (dueAtMs === null || dueAtMs > nowMs || isSettled(publication.status)) return null;
    const missingMs = nowMs - missingSinceMs(publication);
    if (isInLine && mayBeQueued(publication) && missingMs < patienceMs * 2 ** nudges) {
      return { ...publication, dueAtMs: nowMs + lookAgainMs(publication, missingMs) };
    }
    isSent = true;
    // A long wait comes here ahead of its end, so that the message arrives on time and not on the poller's minute.
    waitMs = isWaiting(publication, deps) ? (publication.waiting?.untilMs ?? nowMs) - nowMs : 0;
    const delayMs = Math.min(delayMaxMs, relayGraceMs * 2 ** nudges);
    return { ...publication, nudges: nudges + 1, dueAtMs: nowMs + waitMs + delayMs };
  });
  if (!isSent) return;
  deps.log.event("relay.nudged", {
    publicationId: stored.value.id,
    wasLeased: stored.value.lease !== null,
  });
  await sendRelay(deps, stored.value, waitMs);
}

/** Whether a message for it was sent that no relay has begun with, as far as the record tells. */
function mayBeQueued({ lease, nudges, waiting, dueAtMs }: Publication): boolean {
  const isAheadOfWait = waiting !== null && dueAtMs !== null && dueAtMs < waiting.untilMs;
  return (lease === null || nudges > 0) && !isAheadOfWait;
}

function missingSinceMs({ history, waiting, createdAtMs }: Publication): number {
  return Math.max(history.at(-1)?.atMs ?? createdAtMs, waiting?.untilMs ?? 0);
}

/** Less and less often while nothing has begun. What has begun has an upload URL that runs out. */
function lookAgainMs({ status }: Publication, missingMs: number): number {
  if (status !== "queued") return relayGraceMs;
  return Math.min(delayMaxMs, Math.max(relayGraceMs, missingMs));
}
