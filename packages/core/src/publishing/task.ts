/**
 * The TikTok task of a publication: created once, sealed and recorded before the first byte, and given up only when
 * TikTok itself says that it can no longer complete.
 *
 * The lease with no task on record is the intent: an init may be under way. Its lost answer is harmless, because a task
 * that got no bytes never becomes a post and dies within the hour.
 */
import { type TokenFnDeps, withToken } from "../auth/index.ts";
import { assert, FatalError, RetryableError } from "../errors/index.ts";
import {
  type ChunkTask,
  type Failure,
  type Publication,
  rememberPublishId,
  revise,
  type StoredPublication,
} from "../publications/index.ts";
import type { Clock } from "../system/index.ts";
import type { TableDeps } from "../table/index.ts";
import {
  type ChunkPlan,
  explain,
  reactionTo,
  type TaskStatus,
  TikTokRefusal,
} from "../tiktok/index.ts";
import { aimsToTry, chunkAt, planChunks, rememberAim } from "./chunks.ts";
import type { Hold } from "./hold.ts";
import { takePlace } from "./rate.ts";

/** An upload URL's whole life (direct post reference, `upload_url`). */
export const uploadUrlLifetimeMs = 3_600_000;
/** Before its end: too little life left to send in. After it: TikTok's clock and requests on their way decide. */
const uploadUrlMarginMs = 60_000;
/** Dead tasks of one attempt after which something is wrong that another task will not mend. */
const deadTasksMax = 8;
const unknownTaskRetryMs = 5_000;

export type TaskDeps = TokenFnDeps;

/** What TikTok's word about the task means for the relay. */
export type Verdict =
  | { type: "resume"; confirmedBytes: number }
  | { type: "delivered" }
  | { type: "dead"; why: string };

/** An end that TikTok has been asked about: nothing of the video is posted. */
export class NothingPosted extends FatalError {}

/** The relay must stop for a while: TikTok's rate window. */
export class MustWait extends Error {
  readonly reason: string;
  readonly waitMs: number;

  constructor(reason: string, waitMs: number) {
    super(`must wait: ${reason}`);
    this.name = "MustWait";
    this.reason = reason;
    this.waitMs = waitMs;
  }
}

/** `dying`: nothing new is sent, but what is on its way may still complete the task, so no other may be begun. */
export type UrlLife = { type: "alive" | "dead" } | { type: "dying"; restMs: number };

export function urlLife(task: ChunkTask, nowMs: number): UrlLife {
  const restMs = task.issuedAtMs + uploadUrlLifetimeMs - nowMs;
  if (restMs > uploadUrlMarginMs) return { type: "alive" };
  const surelyMs = restMs + uploadUrlMarginMs;
  return surelyMs > 0 ? { type: "dying", restMs: surelyMs } : { type: "dead" };
}

/** Asks TikTok how far the task is. `isUrlDead`: no more bytes can reach it, so it is complete or lost. */
export async function askTask(
  deps: TaskDeps,
  publication: Publication,
  options: { isUrlDead: boolean },
): Promise<Verdict> {
  const { task } = publication;
  assert(task, "there is a task to ask about");
  const waitMs = await takePlace(deps, publication, "status");
  if (waitMs > 0) throw new MustWait("rate_limited", waitMs);
  try {
    const status = await withToken(deps, publication, (token) =>
      deps.tiktok.status(token, task.publishId),
    );
    return judge(publication, task, status, options.isUrlDead);
  } catch (error) {
    if (!(error instanceof TikTokRefusal) || error.code !== "invalid_publish_id") throw error;
    if (options.isUrlDead) return { type: "dead", why: error.code };
    // TikTok may not know its own id for a moment after init.
    throw new RetryableError("task_unknown", "TikTok does not know the task yet.", {
      cause: error,
      retryAfterMs: unknownTaskRetryMs,
    });
  }
}

/** Pure. Throws `NothingPosted` when TikTok has refused the video for good. */
export function judge(
  publication: Publication,
  task: ChunkTask,
  status: TaskStatus,
  isUrlDead: boolean,
): Verdict {
  if (status.stage === "published" || status.stage === "in_inbox") return { type: "delivered" };
  if (status.stage === "failed") {
    const reason = status.failReason ?? "internal";
    // TikTok gave up on the task and posted nothing, so a new one is safe where it was not the video's fault.
    if (reason === "internal") return { type: "dead", why: reason };
    const { message, isRetryable } = explain(reason);
    throw new NothingPosted(reason, message, { isRetryable });
  }
  // A 206 that we saw counts, even where the status lags behind it.
  const confirmedBytes = Math.max(task.confirmedBytes, status.uploadedBytes ?? 0);
  if (confirmedBytes === publication.file.bytes) return { type: "delivered" };
  if (isUrlDead) return { type: "dead", why: "upload_url_expired" };
  const isBoundary = confirmedBytes % task.chunkBytes === 0;
  return isBoundary ? { type: "resume", confirmedBytes } : { type: "dead", why: "off_boundary" };
}

/**
 * Whether TikTok may have the whole video without our knowing. It is at most one chunk ahead of the record, since each
 * chunk is recorded before the next goes out, so this can be so only when no more than the last one is missing.
 */
export function mayBeDelivered({ task, file }: Publication): boolean {
  return task !== null && chunkAt(task, file.bytes, task.confirmedBytes)?.isLast !== false;
}

/** The words for an end that nobody at TikTok can be asked about. Trying again could post twice, so it is not offered. */
export function inDoubt(error: Pick<Failure, "code" | "message">): Failure {
  const isReconnect = error.code === "reconnect_required";
  const why = isReconnect ? error.message : "TikTok could not be asked how far the video came.";
  return {
    code: isReconnect ? "reconnect_required" : "outcome_unknown",
    message: `${why} TikTok may have the whole video, so look there before posting it again.`,
    isRetryable: false,
  };
}

/** Buries the task on record, so that the next one may be created. */
export async function buryTask(
  deps: Pick<TaskDeps, "clock">,
  hold: Hold,
  why: string,
): Promise<void> {
  const { task } = hold.current();
  assert(task, "only a recorded task can be buried");
  const dead = { publishId: task.publishId, atMs: deps.clock.nowMs(), why };
  await hold.revise((publication) => ({
    ...publication,
    task: null,
    deadTasks: [...publication.deadTasks, dead],
  }));
}

/**
 * Creates the task with the first chunk plan that TikTok accepts, and records it. Answers its upload URL as TikTok gave
 * it, for this holder's own use: whoever comes after opens the sealed one.
 */
export async function createTask(deps: TaskDeps, hold: Hold): Promise<string> {
  const publication = hold.current();
  assert(publication.task === null, "one task at a time");
  if (buriedInAttempt(publication) >= deadTasksMax) {
    throw new FatalError("too_many_tasks", "TikTok kept ending the upload. Try again later.", {
      isRetryable: true,
    });
  }
  const aims = await aimsToTry(deps);
  let refusal: TikTokRefusal | null = null;
  for (const [index, aimBytes] of aims.entries()) {
    const plan = planChunks(publication.file.bytes, aimBytes);
    const refusedBytes = hold.current().refusedChunkBytes ?? Number.POSITIVE_INFINITY;
    const isKnownBad = plan.chunkBytes >= refusedBytes;
    // A small file is cut alike for several aims, and the same request gets the same answer. The last plan is asked for
    // all the same when its refusal was not heard in this run.
    if (isKnownBad && (refusal !== null || index < aims.length - 1)) continue;
    try {
      const uploadUrl = await initTask(deps, hold, plan);
      if (aimBytes !== aims[0]) await rememberAim(deps, aimBytes);
      return uploadUrl;
    } catch (error) {
      if (!(error instanceof TikTokRefusal) || reactionTo(error.code) !== "replan") throw error;
      refusal = error;
      // Recorded, because the next plan may have to wait for a place: a later run must not spend that on this one again.
      const refusedChunkBytes = plan.chunkBytes;
      await hold.revise((current) => ({ ...current, refusedChunkBytes }));
    }
  }
  assert(refusal, "there is at least one plan to try");
  throw refusal;
}

/** Those of earlier attempts, the one that the creator's retry has given up included, are no reason to end this one. */
function buriedInAttempt({ deadTasks, pastFailures }: Publication): number {
  const sinceMs = pastFailures.at(-1)?.atMs ?? 0;
  return deadTasks.filter(({ atMs }) => atMs > sinceMs).length;
}

async function initTask(deps: TaskDeps, hold: Hold, plan: ChunkPlan): Promise<string> {
  const { post, file, userId, openId, id } = hold.current();
  const waitMs = await takePlace(deps, { userId, openId }, "init");
  if (waitMs > 0) throw new MustWait("rate_limited", waitMs);
  const issuedAtMs = deps.clock.nowMs();
  const created = await withToken(deps, { userId, openId }, (token) =>
    deps.tiktok.init(token, { post, bytes: file.bytes, plan }),
  );
  await rememberPublishId(deps, created.publishId, { userId, publicationId: id });
  const sealedUploadUrl = await deps.sealer.seal(created.uploadUrl, sealContext(hold.current()));
  const task = { publishId: created.publishId, sealedUploadUrl, issuedAtMs, ...plan };
  await hold.revise(({ refusedChunkBytes: _, ...publication }) => ({
    ...publication,
    task: { ...task, confirmedBytes: 0 },
  }));
  return created.uploadUrl;
}

/** The URL of a task that an earlier holder has created. */
export async function openUploadUrl(deps: TaskDeps, publication: Publication): Promise<string> {
  assert(publication.task, "there is a task to send to");
  return deps.sealer.open(publication.task.sealedUploadUrl, sealContext(publication));
}

/**
 * Seals the upload URL anew, for an operator. A task that has been replaced meanwhile is left alone; answers whether the
 * URL on record is the new one.
 */
export async function resealUploadUrl(
  deps: TableDeps & { clock: Clock },
  stored: StoredPublication,
  reseal: (sealed: string, context: Record<string, string>) => Promise<string>,
): Promise<boolean> {
  const old = stored.value.task?.sealedUploadUrl;
  if (old === undefined) return false;
  const sealedUploadUrl = await reseal(old, sealContext(stored.value));
  let isResealed = false;
  await revise(deps, stored.key, (publication) => {
    const { task } = publication;
    isResealed = task?.sealedUploadUrl === old;
    return task === null || !isResealed
      ? null
      : { ...publication, task: { ...task, sealedUploadUrl } };
  });
  return isResealed;
}

function sealContext(publication: Publication): Record<string, string> {
  return { userId: publication.userId, publicationId: publication.id };
}
