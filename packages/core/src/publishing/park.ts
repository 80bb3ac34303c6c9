/**
 * Waiting without a function and without burning a queue receive: the record says until when and why, and a delayed
 * message comes back then. A wait beyond the queue's longest delay is left to the poller, which sends the message ahead
 * of its time.
 */
import { type Publication, relayGraceMs } from "../publications/index.ts";
import { type Clock, type Log, queueDelaySecondsMax } from "../system/index.ts";
import { type QueueDeps, sendRelay } from "./messages.ts";

/** Delayed messages arrive on whole seconds and clocks differ; this much too early is in time. */
const earlyMs = 2_000;
/** The poller's minute, and half of one for the poller itself: it must be there before the wait is over. */
const pollerLeadMs = 90_000;

/** A publication parked for caps is given up after three days: the creator has long posted by hand. */
const parkLifetimeMs = 3 * 24 * 3_600_000;

/** The wait that may end at any time: other videos of the same user hold all its relays. */
export const turnReason = "own_videos_first";

export interface Wait {
  reason: string;
  waitMs: number;
}

/** The record of a publication that begins to wait now. */
export function parked(publication: Publication, { reason, waitMs }: Wait, nowMs: number) {
  const untilMs = nowMs + waitMs;
  const dueAtMs = fitsQueue(waitMs) ? untilMs + relayGraceMs : untilMs - pollerLeadMs;
  return { ...publication, waiting: { reason, untilMs }, dueAtMs };
}

/** Sees to it that a relay comes back to what has been recorded as parked. */
export async function comeBack(
  deps: Pick<QueueDeps, "relayQueue"> & { log: Log },
  publication: Publication,
  { reason, waitMs }: Wait,
): Promise<void> {
  deps.log.event("relay.parked", { publicationId: publication.id, reason, waitMs });
  if (fitsQueue(waitMs)) await sendRelay(deps, publication, waitMs);
}

/** Whether its time has not come yet. A cancellation does not wait. */
export function isWaiting(publication: Publication, { clock }: { clock: Clock }): boolean {
  const { waiting, cancelRequestedAtMs } = publication;
  const isCancelled = cancelRequestedAtMs !== null;
  return waiting !== null && !isCancelled && waiting.untilMs > clock.nowMs() + earlyMs;
}

/** Whether a cap has lasted so long that waiting for its end makes no sense any more. */
export function isTooOld({ createdAtMs }: Publication, { clock }: { clock: Clock }): boolean {
  return clock.nowMs() - createdAtMs > parkLifetimeMs;
}

function fitsQueue(waitMs: number): boolean {
  return waitMs <= queueDelaySecondsMax * 1000;
}
