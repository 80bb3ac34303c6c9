/**
 * The poller: once a minute it takes what is due, and nothing else, from the sparse index, and gives each publication
 * its next push. It is what makes every lost message, crash and silence harmless.
 */
import {
  dueKeys,
  dueShards,
  isSettled,
  loadByKey,
  type Publication,
  relayGraceMs,
  revise,
  type StoredPublication,
} from "../publications/index.ts";
import type { Key } from "../table/index.ts";
import { apply, removeUpload } from "./apply.ts";
import { type CheckDeps, findLink, settleFromTikTok } from "./check.ts";
import { sendRelay } from "./messages.ts";
import { isWaiting } from "./park.ts";

/** Due keys read from one shard at a time; a full page is followed by another until the deadline. */
const pageKeys = 100;
/** Publications worked on at once: enough to settle 1,000 in 50 s when each TikTok call takes 200 ms. */
const concurrency = 16;
const pagesMax = 100;
const nudgeDelayMaxMs = 15 * 60_000;

export interface PollResult {
  /** Publications looked at. */
  seen: number;
  /** Those whose push failed; they stay due and are tried again at the next tick. */
  failed: number;
}

/** Works on due publications until none is left or the deadline comes. */
export async function poll(deps: CheckDeps, input: { deadlineMs: number }): Promise<PollResult> {
  const result: PollResult = { seen: 0, failed: 0 };
  const startedMs = deps.clock.nowMs();
  const tried = new Set<string>();
  for (let page = 0; page < pagesMax; page += 1) {
    const pages = await Promise.all(
      // What was tried may stay due, in front of everything else: each page reads past all of it.
      dueShards.map((shard) => dueKeys(deps, { shard, limit: pageKeys + tried.size })),
    );
    // The index lags behind the table, and a failed push stays due: nothing is tried twice in one tick.
    const keys = pages.flat().filter((key) => !tried.has(`${key.pk} ${key.sk}`));
    if (keys.length === 0) break;
    for (const key of keys) tried.add(`${key.pk} ${key.sk}`);
    await workOn(deps, keys, input.deadlineMs, result);
    if (deps.clock.nowMs() >= input.deadlineMs) break;
  }
  deps.log.event("poll", {
    seen: result.seen,
    failed: result.failed,
    durationMs: deps.clock.nowMs() - startedMs,
  });
  return result;
}

async function workOn(
  deps: CheckDeps,
  keys: Key[],
  deadlineMs: number,
  result: PollResult,
): Promise<void> {
  const queue = [...keys];
  const worker = async () => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      if (deps.clock.nowMs() >= deadlineMs) return;
      result.seen += 1;
      try {
        await advance(deps, key);
      } catch (error) {
        // One publication's trouble must not keep the others waiting; it is counted and tried again next time.
        result.failed += 1;
        const code = error instanceof Error ? error.name : "unknown";
        deps.log.event("poll.failed", { publicationId: key.sk.split("#")[1], code });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function advance(deps: CheckDeps, key: Key): Promise<void> {
  const stored = await loadByKey(deps, key);
  if (stored === null || !isDue(stored.value, deps.clock.nowMs())) return;
  const { status, upload } = stored.value;
  if (status === "uploading") {
    const message = "The upload was not finished within 24 hours.";
    const failure = { code: "upload_abandoned", message, isRetryable: false };
    await apply(deps, key, { type: "failed", failure });
  } else if (status === "queued" || status === "relaying") {
    await nudge(deps, stored);
  } else if (status === "processing") {
    await settleFromTikTok(deps, stored, null);
  } else if (isSettled(status) && !upload.isRemoved) {
    await removeUpload(deps, stored);
  } else {
    await findLink(deps, stored);
  }
}

/** Sends the relay message again: the first got lost, its relay died, or a wait will soon be over. */
async function nudge(deps: CheckDeps, stored: StoredPublication): Promise<void> {
  const nowMs = deps.clock.nowMs();
  let isNudged = false;
  let waitMs = 0;
  await revise(deps, stored.key, (publication) => {
    isNudged = isDue(publication, nowMs) && !isSettled(publication.status);
    if (!isNudged) return null;
    // A long wait comes here ahead of its end, so that the message arrives on time and not on the poller's minute.
    waitMs = isWaiting(publication, deps) ? (publication.waiting?.untilMs ?? nowMs) - nowMs : 0;
    const delayMs = Math.min(nudgeDelayMaxMs, relayGraceMs * 2 ** publication.nudges);
    return { ...publication, nudges: publication.nudges + 1, dueAtMs: nowMs + waitMs + delayMs };
  });
  if (!isNudged) return;
  deps.log.event("relay.nudged", {
    publicationId: stored.value.id,
    wasLeased: stored.value.lease !== null,
  });
  await sendRelay(deps, stored.value, waitMs);
}

function isDue(publication: Publication, nowMs: number): boolean {
  return publication.dueAtMs !== null && publication.dueAtMs <= nowMs;
}
