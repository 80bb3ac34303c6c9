/**
 * The poller: once a minute it takes what is due, and nothing else, from the sparse index, and gives each publication
 * its next push. It is what makes every lost message, crash and silence harmless.
 */
import {
  dueKeys,
  dueShards,
  loadByKey,
  type Publication,
  type StoredPublication,
} from "../publications/index.ts";
import { type Key, nameOf } from "../table/index.ts";
import { apply, removeUpload } from "./apply.ts";
import { type CheckDeps, isOpen, learn } from "./check.ts";
import { inLanes } from "./lanes.ts";
import { createNudge, type Nudge } from "./nudge.ts";

/** Due keys read from one shard at a time; a full page is followed by another until the deadline. */
const pageKeys = 200;
/**
 * Accounts worked on at once. With one due publication each and a TikTok that takes 200 ms, a thousand then wait
 * 1,000 / 32 × 0.2 s ≈ 6 s for it; the rest of the time is the table's and the processor's (`bench poller`).
 */
const accountsAtOnce = 32;
const pagesMax = 100;
/** Records read at once; where the table gathers reads, they go as one request. */
const readsAtOnce = 100;

/**
 * What the poller leaves of its time when it stops beginning: a call to TikTok may take 20 s, and what it says has to be
 * written down.
 */
export const pollReserveMs = 25_000;

export interface PollResult {
  /** Publications looked at. */
  seen: number;
  /** Those whose push failed; they stay due and are tried again at the next tick. */
  failed: number;
}

/** Works on due publications until none is left or the deadline comes. */
export async function poll(deps: CheckDeps, input: { deadlineMs: number }): Promise<PollResult> {
  const nudge = createNudge(deps);
  const tick: Tick = { deadlineMs: input.deadlineMs, seen: 0, failed: 0, nudge };
  const startedMs = deps.clock.nowMs();
  const tried = new Set<string>();
  for (let page = 0; page < pagesMax; page += 1) {
    const pages = await Promise.all(
      // What was tried may stay due, in front of everything else: each page reads past all of it.
      dueShards.map((shard) => dueKeys(deps, { shard, limit: pageKeys + tried.size })),
    );
    // The index lags behind the table, and a failed push stays due: nothing is tried twice in one tick.
    const keys = pages.flat().filter((key) => !tried.has(nameOf(key)));
    if (keys.length === 0) break;
    for (const key of keys) tried.add(nameOf(key));
    const due = await loadDue(deps, keys, tick);
    await inLanes(byAccount(due), accountsAtOnce, (some) => advance(deps, some, tick));
    if (isOver(deps, tick)) break;
  }
  const { seen, failed } = tick;
  deps.log.event("poll", { seen, failed, durationMs: deps.clock.nowMs() - startedMs });
  return { seen, failed };
}

interface Tick extends PollResult {
  deadlineMs: number;
  nudge: Nudge;
}

/** The records of what the index says is due; it may be wrong. */
async function loadDue(deps: CheckDeps, keys: Key[], tick: Tick): Promise<StoredPublication[]> {
  const due: StoredPublication[] = [];
  await inLanes(keys, readsAtOnce, async (key) => {
    if (isOver(deps, tick)) return;
    tick.seen += 1;
    try {
      const stored = await loadByKey(deps, key);
      if (stored !== null && isDue(stored.value, deps.clock.nowMs())) due.push(stored);
    } catch (error) {
      count(deps, tick, key, error);
    }
  });
  return due;
}

/** Those that TikTok is asked about share their account's window and token, and are asked about together. */
function byAccount(due: StoredPublication[]): StoredPublication[][] {
  const groups = Map.groupBy(due, ({ key, value }) =>
    isAsked(value) ? `${value.userId} ${value.openId}` : nameOf(key),
  );
  return [...groups.values()];
}

async function advance(deps: CheckDeps, some: StoredPublication[], tick: Tick): Promise<void> {
  const [first] = some;
  if (first === undefined || isOver(deps, tick)) return;
  try {
    if (!isAsked(first.value)) return await push(deps, first, tick.nudge);
    const limits = { quickCheck: null, deadlineMs: tick.deadlineMs };
    const results = await learn(deps, some, limits);
    for (const [index, result] of results.entries()) {
      const key = some[index]?.key ?? first.key;
      if (result?.status === "rejected") count(deps, tick, key, result.reason);
    }
  } catch (error) {
    for (const { key } of some) count(deps, tick, key, error);
  }
}

/** One publication's trouble must not keep the others waiting; it is counted and tried again next time. */
function count(deps: CheckDeps, tick: Tick, key: Key, error: unknown): void {
  tick.failed += 1;
  const code = error instanceof Error ? error.name : "unknown";
  deps.log.event("poll.failed", { publicationId: key.sk.split("#")[1], code });
}

/** Storage is emptied before anything else is asked about what has ended. */
function isAsked(publication: Publication): boolean {
  return (
    isOpen(publication) && (publication.status === "processing" || publication.upload.isRemoved)
  );
}

async function push(deps: CheckDeps, stored: StoredPublication, nudge: Nudge): Promise<void> {
  const { status, upload } = stored.value;
  if (status === "uploading") {
    const message = "The upload was not finished within 24 hours.";
    const failure = { code: "upload_abandoned", message, isRetryable: false };
    await apply(deps, stored, { type: "failed", failure });
  } else if (status === "queued" || status === "relaying") {
    await nudge(stored);
  } else if (!upload.isRemoved) {
    await removeUpload(deps, stored);
  }
}

function isDue(publication: Publication, nowMs: number): boolean {
  return publication.dueAtMs !== null && publication.dueAtMs <= nowMs;
}

function isOver(deps: CheckDeps, { deadlineMs }: Tick): boolean {
  return deps.clock.nowMs() >= deadlineMs;
}
