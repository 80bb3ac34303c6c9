/**
 * Learning the outcome. Quick checks, the poller and webhooks all come here, and one function settles.
 *
 * ```
 * processing ─▶ 5 s ─▶ 10 s ─▶ 20 s ─▶ … ─▶ 640 s      quick checks: delayed messages
 *                └── a message is lost ─▶ poller, a minute after its time
 *            after the quick checks ─▶ poller, every 15 minutes, for up to 7 days (moderation can take hours)
 * ```
 */
import { type TokenFnDeps, withToken } from "../auth/index.ts";
import { FatalError, RetryableError } from "../errors/index.ts";
import {
  type Event,
  type Failure,
  firstCheckDelayMs,
  loadPublication,
  type Publication,
  relayGraceMs,
  revise,
  type StoredPublication,
} from "../publications/index.ts";
import { explain, type TaskStatus, TikTokRefusal } from "../tiktok/index.ts";
import { type ApplyDeps, apply, linkCheckAtMs } from "./apply.ts";
import { sendCheck } from "./messages.ts";
import { takePlace } from "./rate.ts";

export type CheckDeps = ApplyDeps & TokenFnDeps;

/** Delay before quick check n; each is within SQS's 900 s. Most posts end within a minute or two. */
export const quickDelaysMs = Array.from({ length: 8 }, (_, n) => firstCheckDelayMs * 2 ** n);
const slowCheckMs = 15 * 60_000;
/** Patience: moderation mostly takes a minute, sometimes hours; nothing documented takes days. */
const processingLifetimeMs = 7 * 24 * 3_600_000;
/** How long an id may be unknown to TikTok right after its creation. */
const unknownIdLifetimeMs = 3_600_000;

/** `check` is the number of the quick check that a message carries; null for a webhook's or the poller's. */
export async function check(
  deps: CheckDeps,
  input: { userId: string; publicationId: string; check: number | null },
): Promise<void> {
  const stored = await loadPublication(deps, input);
  if (stored === null) return;
  if (stored.value.status === "processing") await settleFromTikTok(deps, stored, input.check);
  else if (stored.value.status === "published") await findLink(deps, stored);
}

/** Asks TikTok about a publication in `processing` and settles it, or says when to ask again. */
export async function settleFromTikTok(
  deps: CheckDeps,
  stored: StoredPublication,
  quickCheck: number | null,
): Promise<void> {
  const answer = await askStatus(deps, stored.value);
  const event = answer.type === "status" ? eventOf(stored.value, answer.status) : answer.event;
  if (event !== null) {
    await apply(deps, stored.key, event);
    return;
  }
  const waitMs = answer.type === "later" ? answer.waitMs : 0;
  await scheduleNext(deps, stored, quickCheck, waitMs);
}

type Answer =
  | { type: "status"; status: TaskStatus }
  | { type: "later"; waitMs: number; event: Event | null };

async function askStatus(deps: CheckDeps, publication: Publication): Promise<Answer> {
  const { task } = publication;
  if (task === null) return later(deps, publication, 0);
  const waitMs = await takePlace(deps, publication, "status");
  if (waitMs > 0) return later(deps, publication, waitMs);
  try {
    const status = await withToken(deps, publication, (token) =>
      deps.tiktok.status(token, task.publishId),
    );
    return { type: "status", status };
  } catch (error) {
    if (error instanceof RetryableError) return later(deps, publication, error.retryAfterMs);
    if (error instanceof FatalError) return { type: "later", waitMs: 0, event: unknowable(error) };
    if (error instanceof TikTokRefusal && error.code === "invalid_publish_id") {
      return later(deps, publication, 0, unknownIdLifetimeMs);
    }
    if (error instanceof TikTokRefusal) {
      return { type: "later", waitMs: 0, event: unknowable(error) };
    }
    throw error;
  }
}

function later(
  deps: CheckDeps,
  publication: Publication,
  waitMs: number,
  lifetimeMs = processingLifetimeMs,
): Answer {
  const sinceMs = publication.history.at(-1)?.atMs ?? publication.createdAtMs;
  const isOver = deps.clock.nowMs() - sinceMs > lifetimeMs;
  return { type: "later", waitMs, event: isOver ? unknowable(null) : null };
}

/** TikTok has the whole video but will not say what became of it. Trying again could post twice, so we do not offer it. */
function unknowable(error: FatalError | TikTokRefusal | null): Event {
  const isReconnect = error instanceof FatalError && error.code === "reconnect_required";
  const failure: Failure = {
    code: isReconnect ? "reconnect_required" : "outcome_unknown",
    message: isReconnect
      ? `${error.message} TikTok had already received the whole video, so look there before posting it again.`
      : "TikTok received the whole video but does not say what became of it. Look there before posting it again.",
    isRetryable: false,
  };
  return { type: "failed", failure };
}

/** Null while TikTok is still at work. */
function eventOf(publication: Publication, status: TaskStatus): Event | null {
  if (status.stage === "published") return { type: "published", postIds: status.postIds };
  if (status.stage === "in_inbox") return { type: "delivered-to-inbox" };
  if (status.stage === "uploading") return null;
  const code = status.failReason ?? "internal";
  if (code === "publish_cancelled" && publication.cancelRequestedAtMs !== null) {
    return { type: "cancelled" };
  }
  return { type: "failed", failure: { code, ...explain(code) } };
}

async function scheduleNext(
  deps: CheckDeps,
  stored: StoredPublication,
  quickCheck: number | null,
  waitMs: number,
): Promise<void> {
  let delayMs: number | null = null;
  let next: number | null = null;
  await revise(deps, stored.key, (publication) => {
    delayMs = null;
    if (publication.status !== "processing") return null;
    const nowMs = deps.clock.nowMs();
    // A webhook's check leaves the schedule alone, and so does a duplicate of a check that has had its turn.
    const isDue = publication.dueAtMs !== null && publication.dueAtMs <= nowMs;
    if (quickCheck !== publication.checks && !isDue) return null;
    next = publication.checks + 1;
    const quickMs = quickDelaysMs[next];
    if (quickMs === undefined) {
      return { ...publication, checks: next, dueAtMs: nowMs + Math.max(slowCheckMs, waitMs) };
    }
    delayMs = Math.max(quickMs, waitMs);
    return { ...publication, checks: next, dueAtMs: nowMs + delayMs + relayGraceMs };
  });
  if (delayMs !== null) await sendCheck(deps, stored.value, { check: next, delayMs });
}

/** A published post whose public link is still missing: the outcome stands, only the link may be added. */
export async function findLink(deps: CheckDeps, stored: StoredPublication): Promise<void> {
  const { task, postIds } = stored.value;
  if (task === null || postIds.length > 0) return;
  const answer = await askStatus(deps, stored.value);
  const found = answer.type === "status" ? answer.status.postIds : [];
  await revise(deps, stored.key, (publication) => {
    if (publication.postIds.length > 0) return null;
    const known = { ...publication, postIds: found.length > 0 ? found : publication.postIds };
    // The poller still has to empty storage: that must stay due, and it asks for the link again afterwards.
    if (!publication.upload.isRemoved) return found.length > 0 ? known : null;
    if (found.length > 0) return { ...known, dueAtMs: null };
    const isDue = publication.dueAtMs !== null && publication.dueAtMs <= deps.clock.nowMs();
    if (!isDue) return null;
    const asked = { ...publication, checks: publication.checks + 1 };
    return { ...asked, dueAtMs: linkCheckAtMs(asked, deps.clock.nowMs()) };
  });
}
