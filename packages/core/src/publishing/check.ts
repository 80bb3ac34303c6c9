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
  reviseKnown,
  type StoredPublication,
} from "../publications/index.ts";
import { explain, reactionTo, type TaskStatus, TikTokRefusal } from "../tiktok/index.ts";
import { type ApplyDeps, apply, linkCheckAtMs } from "./apply.ts";
import { inLanes } from "./lanes.ts";
import { sendCheck } from "./messages.ts";
import { takeStatusPlaces } from "./rate.ts";

export type CheckDeps = ApplyDeps & TokenFnDeps;

/** Delay before quick check n; each is within SQS's 900 s. Most posts end within a minute or two. */
export const quickDelaysMs = Array.from({ length: 8 }, (_, n) => firstCheckDelayMs * 2 ** n);
/** One account's publications that are asked for, or written, at a time. */
const asksAtOnce = 4;
const slowCheckMs = 15 * 60_000;
/** Patience: moderation mostly takes a minute, sometimes hours; nothing documented takes days. */
const processingLifetimeMs = 7 * 24 * 3_600_000;
/** How long an id may be unknown to TikTok right after its creation. */
const unknownIdLifetimeMs = 3_600_000;

/** `check` is the number of the quick check that a message carries; null for a webhook's. */
export async function check(
  deps: CheckDeps,
  input: { userId: string; publicationId: string; check: number | null },
): Promise<void> {
  const stored = await loadPublication(deps, input);
  if (stored === null || !isOpen(stored.value)) return;
  const limits = { quickCheck: input.check, deadlineMs: Number.POSITIVE_INFINITY };
  const [learnt] = await learn(deps, [stored], limits);
  if (learnt?.status === "rejected") throw learnt.reason;
}

/** Whether TikTok is still to be asked: how it ended, or where the post is. */
export function isOpen({ status, task, postIds }: Publication): boolean {
  return (
    status === "processing" || (status === "published" && task !== null && postIds.length === 0)
  );
}

interface Limits {
  quickCheck: number | null;
  /** Nobody is asked about after it, and stays due; what TikTok has said is still written down. */
  deadlineMs: number;
}

/**
 * Asks TikTok about publications of one account and records what it says, or when to ask again. They take their places in
 * the account's window with one write and share its token: among themselves they would only contend for both. One that
 * fails leaves the others alone.
 */
export async function learn(
  deps: CheckDeps,
  publications: StoredPublication[],
  limits: Limits,
): Promise<PromiseSettledResult<void>[]> {
  const answers = await askTogether(deps, publications, limits);
  const results: PromiseSettledResult<void>[] = [];
  await inLanes([...publications.entries()], asksAtOnce, async ([index, stored]) => {
    const answer = answers[index];
    if (answer === undefined) return;
    const [result] = await Promise.allSettled([take(deps, stored, limits.quickCheck, answer)]);
    results[index] = result;
  });
  return results;
}

async function take(
  deps: CheckDeps,
  stored: StoredPublication,
  quickCheck: number | null,
  answer: Answer,
): Promise<void> {
  if (answer.type === "broken") throw answer.error;
  if (stored.value.status !== "processing") return takeLink(deps, stored, answer);
  const event = answer.type === "status" ? eventOf(stored.value, answer.status) : answer.event;
  if (event !== null) {
    await apply(deps, stored, event);
    return;
  }
  await scheduleNext(deps, stored, quickCheck, answer.type === "later" ? answer.waitMs : 0);
}

type Answer =
  | { type: "status"; status: TaskStatus }
  | { type: "later"; waitMs: number; event: Event | null }
  /** A bug of ours. */
  | { type: "broken"; error: unknown };

/** Answers in the order of the publications, which are all of one account; none where the deadline came first. */
async function askTogether(
  deps: CheckDeps,
  publications: StoredPublication[],
  { deadlineMs }: Limits,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const asking: Asking[] = [];
  for (const [index, { value: publication }] of publications.entries()) {
    const { task } = publication;
    if (task === null) answers[index] = later(deps, publication, 0);
    else asking.push({ index, publication, publishId: task.publishId });
  }
  const owner = asking[0]?.publication;
  if (owner === undefined) return answers;
  const waitsMs = await takeStatusPlaces(deps, owner, asking.length);
  const placed = asking.filter(({ index, publication }, n) => {
    const waitMs = waitsMs[n] ?? 0;
    if (waitMs > 0) answers[index] = later(deps, publication, waitMs);
    return waitMs === 0;
  });
  if (placed.length > 0) await askPlaced(deps, { owner, placed, deadlineMs }, answers);
  return answers;
}

interface Asking {
  index: number;
  publication: Publication;
  publishId: string;
}

/** Fills `answers`. A refusal of the token itself concerns all: they are asked again with a new one, or fail alike. */
async function askPlaced(
  deps: CheckDeps,
  { owner, placed, deadlineMs }: { owner: Publication; placed: Asking[]; deadlineMs: number },
  answers: Answer[],
): Promise<void> {
  try {
    await withToken(deps, owner, async (token) => {
      const refusals: TikTokRefusal[] = [];
      const unanswered = placed.filter(({ index }) => answers[index] === undefined);
      await inLanes(unanswered, asksAtOnce, async ({ index, publication, publishId }) => {
        if (deps.clock.nowMs() >= deadlineMs) return;
        try {
          answers[index] = { type: "status", status: await deps.tiktok.status(token, publishId) };
        } catch (error) {
          if (isOfToken(error)) refusals.push(error);
          else answers[index] = answerTo(deps, publication, error);
        }
      });
      const [refusal] = refusals;
      if (refusal) throw refusal;
    });
  } catch (error) {
    for (const { index, publication } of placed) {
      answers[index] ??= answerTo(deps, publication, error);
    }
  }
}

function isOfToken(error: unknown): error is TikTokRefusal {
  if (!(error instanceof TikTokRefusal)) return false;
  const reaction = reactionTo(error.code);
  return reaction === "refresh" || reaction === "reconnect";
}

function answerTo(deps: CheckDeps, publication: Publication, error: unknown): Answer {
  if (error instanceof RetryableError) return later(deps, publication, error.retryAfterMs);
  if (error instanceof TikTokRefusal && error.code === "invalid_publish_id") {
    return later(deps, publication, 0, unknownIdLifetimeMs);
  }
  if (error instanceof FatalError || error instanceof TikTokRefusal) {
    return { type: "later", waitMs: 0, event: unknowable(error) };
  }
  return { type: "broken", error };
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
  await reviseKnown(deps, stored, (publication) => {
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
async function takeLink(
  deps: CheckDeps,
  stored: StoredPublication,
  answer: Exclude<Answer, { type: "broken" }>,
): Promise<void> {
  const found = answer.type === "status" ? answer.status.postIds : [];
  await reviseKnown(deps, stored, (publication) => {
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
