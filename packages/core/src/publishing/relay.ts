/**
 * The relay: one message, one publication, one sequential stream to TikTok.
 *
 * ```
 * turn ─▶ lease ─▶ task on record? ─ no ─▶ init once ─┐
 *   │                  │ yes (in doubt? ask)           ▼
 *   ▼                  └──────────────────────▶ move chunks ─▶ delivered ─▶ processing
 * park until a place                              │   │  └── dead task ─▶ init again (TikTok said so)
 * and a turn are free            continuation ◀───┘   └── trouble: park, or fail with a reason
 *                   (deadline, or others wait)
 * ```
 * Waiting never burns a queue receive: the relay writes until when, sends itself a delayed message and returns.
 */
import { FatalError, RetryableError } from "../errors/index.ts";
import { type Event, type Failure, loadPublication, relayGraceMs } from "../publications/index.ts";
import type { Key } from "../table/index.ts";
import { capRetryMs, explain, reactionTo, TikTokRefusal } from "../tiktok/index.ts";
import { admit } from "./admit.ts";
import { type ApplyDeps, logStep, runCommands } from "./apply.ts";
import { type Hold, LeaseLost, takeLease } from "./hold.ts";
import { sendRelay } from "./messages.ts";
import { type MoveDeps, type MoveResult, moveChunks } from "./move.ts";
import { comeBack, isTooOld, parked } from "./park.ts";
import { closeInits } from "./rate.ts";
import {
  askTask,
  buryTask,
  createTask,
  inDoubt,
  MustWait,
  mayBeDelivered,
  NothingPosted,
  openUploadUrl,
  urlLife,
} from "./task.ts";
import { endTurn } from "./turns.ts";

export type RelayDeps = ApplyDeps & MoveDeps;

/** Left for the last checkpoint, the continuation message and the answer. */
const deadlineReserveMs = 10_000;
/** Runs that confirm nothing before we give up; with the pauses between them that is several hours. */
const fruitlessRunsMax = 20;
const pauseFirstMs = 5_000;
const pauseMaxMs = 900_000;
/** A chunk that was broken off may still be on its way, and TikTok's status may lag behind what it has. */
const doubtPauseMs = 8_000;
/** The holder before us may only sleep; its connection to TikTok does not outlast a silence of this length. */
const sleeperPauseMs = 60_000;

export type RelayResult =
  | "delivered"
  | "continued"
  | "parked"
  | "failed"
  | "cancelled"
  | "lost"
  | "busy"
  | "waiting"
  | "settled"
  | "gone";

export async function relay(
  deps: RelayDeps,
  input: { userId: string; publicationId: string; owner: string; deadlineMs: number },
): Promise<RelayResult> {
  const stored = await loadPublication(deps, input);
  if (stored === null) return "gone";
  const admission = await admit(deps, stored, input.owner);
  if (admission !== "admitted") return admission;
  let result: RelayResult | null = null;
  try {
    result = await relayInTurn(deps, stored.key, input);
    return result;
  } finally {
    // What goes on at once goes on in the same turn.
    await endTurn(deps, input, { isKept: result === "continued" });
  }
}

async function relayInTurn(
  deps: RelayDeps,
  key: Key,
  input: { owner: string; deadlineMs: number },
): Promise<RelayResult> {
  const taken = await takeLease(deps, key, {
    owner: input.owner,
    deadlineMs: input.deadlineMs - deadlineReserveMs,
  });
  if (taken.type !== "held") return taken.type;
  const { hold } = taken;
  try {
    return await run(deps, hold).catch((error: unknown) => surrender(deps, hold, error));
  } catch (error) {
    // Giving up is a write as well, and it may be the one that finds a newer fence.
    if (error instanceof LeaseLost) return "lost";
    throw error;
  } finally {
    await hold.stop();
  }
}

async function run(deps: RelayDeps, hold: Hold): Promise<RelayResult> {
  const publication = hold.current();
  if (publication.cancelRequestedAtMs !== null) return stopForCancel(deps, hold);
  if (publication.fruitlessRuns > fruitlessRunsMax) {
    throw new FatalError("relay_stuck", "The video could not be sent to TikTok. Try again later.", {
      isRetryable: true,
    });
  }
  let isInDoubt = hold.wasAbandoned;
  // Bounded: each turn buries one task, and `createTask` counts the buried.
  for (;;) {
    const result = await sendToTask(deps, hold, isInDoubt);
    isInDoubt = false;
    if (result.type === "delivered") return deliver(deps, hold);
    if (result.type === "stopped") return stopped(deps, hold);
    await buryTask(deps, hold, result.why);
  }
}

async function sendToTask(deps: RelayDeps, hold: Hold, isInDoubt: boolean): Promise<MoveResult> {
  const { task } = hold.current();
  if (task === null) return moveChunks(deps, hold, await createTask(deps, hold));
  const url = urlLife(task, deps.clock.nowMs());
  const goOn = async () => moveChunks(deps, hold, await openUploadUrl(deps, hold.current()));
  if (!isInDoubt && url.type === "alive") return goOn();
  const verdict = await askTask(deps, hold.current(), { isUrlDead: url.type === "dead" });
  if (verdict.type !== "resume") return verdict;
  if (url.type === "dying") throw new MustWait("upload_url_expiring", url.restMs);
  const { confirmedBytes } = verdict;
  // An operator may have sealed its URL anew meanwhile.
  await hold.revise((publication) => ({
    ...publication,
    task: publication.task && { ...publication.task, confirmedBytes },
  }));
  return goOn();
}

async function deliver(deps: RelayDeps, hold: Hold): Promise<RelayResult> {
  await commit(deps, hold, { type: "bytes-delivered" });
  return "delivered";
}

async function stopped(deps: RelayDeps, hold: Hold): Promise<RelayResult> {
  if (hold.stopReason() === "lost") return "lost";
  if (hold.stopReason() === "cancelled") return stopForCancel(deps, hold);
  const dueAtMs = deps.clock.nowMs() + relayGraceMs;
  await hold.revise((publication) => ({ ...publication, lease: null, dueAtMs }));
  await sendRelay(deps, hold.current());
  return "continued";
}

/**
 * A truthful cancellation: TikTok is asked first, because bytes in flight may have made the post complete. Otherwise to
 * stop sending is enough: the task never becomes a post.
 */
async function stopForCancel(deps: RelayDeps, hold: Hold): Promise<RelayResult> {
  if (await isDelivered(deps, hold)) return deliver(deps, hold);
  await commit(deps, hold, { type: "cancelled" });
  return "cancelled";
}

async function isDelivered(deps: RelayDeps, hold: Hold): Promise<boolean> {
  const publication = hold.current();
  if (publication.task === null) return false;
  if (mayBeDelivered(publication)) {
    await deps.clock.wait(hold.wasAbandoned ? sleeperPauseMs : doubtPauseMs);
  }
  try {
    const isUrlDead = urlLife(publication.task, deps.clock.nowMs()).type === "dead";
    return (await askTask(deps, publication, { isUrlDead })).type === "delivered";
  } catch (error) {
    // Refused by TikTok, or not complete and out of our reach: either way nothing will be posted.
    const isCertain = error instanceof NothingPosted || !mayBeDelivered(publication);
    if (error instanceof FatalError && isCertain) return false;
    throw error;
  }
}

/** One step of the machine under the fence, and what it commands. */
async function commit(deps: RelayDeps, hold: Hold, event: Event): Promise<void> {
  const commands = await hold.step(event);
  const target = { key: hold.key, value: hold.current() };
  logStep(deps, target.value, event);
  await runCommands(deps, target, commands);
}

/** Turns what went wrong into the publication's next step. Only our own bugs are thrown on. */
async function surrender(deps: RelayDeps, hold: Hold, error: unknown): Promise<RelayResult> {
  if (hold.stopReason() === "lost") return "lost";
  if (error instanceof MustWait) return park(deps, hold, error.reason, error.waitMs);
  if (error instanceof RetryableError) {
    const pauseMs = Math.min(pauseMaxMs, pauseFirstMs * 2 ** (hold.current().fruitlessRuns - 1));
    return park(deps, hold, error.code, Math.max(error.retryAfterMs, pauseMs));
  }
  if (error instanceof FatalError) return fail(deps, hold, error);
  if (error instanceof TikTokRefusal) {
    if (reactionTo(error.code) === "wait" && !isTooOld(hold.current(), deps)) {
      await closeInits(deps, hold.current(), { reason: error.code, waitMs: capRetryMs });
      return park(deps, hold, error.code, capRetryMs);
    }
    const { message, isRetryable } = explain(error.code);
    return fail(deps, hold, new FatalError(error.code, message, { isRetryable }));
  }
  throw error;
}

/** A failure says that nothing was posted, so where the last chunk may be out TikTok is asked before. */
async function fail(deps: RelayDeps, hold: Hold, error: FatalError): Promise<RelayResult> {
  const { code, message, isRetryable } = error;
  let failure: Failure = { code, message, isRetryable };
  if (!(error instanceof NothingPosted) && mayBeDelivered(hold.current())) {
    try {
      if (await isDelivered(deps, hold)) return await deliver(deps, hold);
    } catch (refusal) {
      if (!(refusal instanceof FatalError || refusal instanceof TikTokRefusal)) {
        return surrender(deps, hold, refusal);
      }
      failure = inDoubt(error);
    }
  }
  await commit(deps, hold, { type: "failed", failure });
  return "failed";
}

/** Gives the lease up until a later time. */
async function park(
  deps: RelayDeps,
  hold: Hold,
  reason: string,
  waitMs: number,
): Promise<RelayResult> {
  const wait = { reason, waitMs };
  await hold.revise((publication) => ({
    ...parked(publication, wait, deps.clock.nowMs()),
    lease: null,
    // Waiting for a window or a cap is not the relay's failure.
    fruitlessRuns: isCap(reason) ? 0 : publication.fruitlessRuns,
  }));
  await comeBack(deps, hold.current(), wait);
  return "parked";
}

function isCap(reason: string): boolean {
  return reason === "rate_limited" || reactionTo(reason) === "wait";
}
