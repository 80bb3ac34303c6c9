/**
 * The promises, watched at every write and at every byte. The oracle sees what no function sees: the table, TikTok's
 * tasks and the processes at once. What must hold in the end is in `verdict.ts`.
 */
import { type Account, accountSchema } from "../src/auth/accounts.ts";
import {
  type ChunkTask,
  isSettled,
  type Publication,
  type PublicationStatus,
} from "../src/publications/index.ts";
import type { LogFields } from "../src/system/index.ts";
import type { Row } from "../src/table/index.ts";
import type { Grants } from "./grants.ts";
import type { Process } from "./process.ts";
import { isComplete, type Task } from "./tiktok.ts";

export interface Oracle {
  onWrite(process: Process, before: Row | null, after: Row): void;
  onBytes(process: Process, task: Task, firstByte: number): void;
  onPost(task: Task): void;
  onLog(event: string, fields: LogFields): void;
}

export interface Sight {
  nowMs(): number;
  report(violation: string): void;
  tasks(): Task[];
  publicationOf(task: Task): Publication | null;
  judgePair: Grants["judge"];
  /** The plaintext of a sealed secret. */
  unsealed(sealed: string): string;
}

/** The edges of the machine. */
const followers: Record<PublicationStatus, PublicationStatus[]> = {
  uploading: ["queued", "failed", "cancelled"],
  queued: ["relaying", "failed", "cancelled"],
  relaying: ["processing", "failed", "cancelled"],
  processing: ["published", "in_inbox", "failed", "cancelled"],
  published: [],
  in_inbox: [],
  failed: [],
  cancelled: [],
};

/** Tokens, codes and signed URLs of this simulation; sealed ones too. */
const secretPattern = /act\.|rft\.|code-|sealed:|(upload|storage)\.invalid/;

/** Two clocks that both are wrong, and one of them steps. */
const clockMarginMs = 4_000;

export function createOracle(sight: Sight): Oracle {
  return {
    onWrite(process, before, after) {
      if (after.sk.startsWith("PUBLICATION#")) {
        const old = before === null ? null : publicationIn(before);
        checkPublication(sight, process, old, publicationIn(after));
      }
      if (after.sk.startsWith("ACCOUNT#")) checkAccount(sight, before, after);
    },
    onBytes: (process, task, firstByte) => checkBytes(sight, process, task, firstByte),
    onPost(task) {
      const posts = sight.tasks().filter((other) => other.bytes === task.bytes && isPost(other));
      if (posts.length > 1) sight.report(`twice: ${posts.length} posts of one publication`);
    },
    onLog(event, fields) {
      for (const [name, value] of Object.entries(fields)) {
        if (typeof value === "string" && secretPattern.test(value)) {
          sight.report(`log: a secret in ${event}.${name}`);
        }
      }
    },
  };
}

/** Rows hold what core's own schema has parsed. */
export function publicationIn(row: Row): Publication {
  return row.data as Publication;
}

export function accountIn(row: Row): Account {
  return accountSchema.parse(row.data);
}

export function isPost(task: Task): boolean {
  return task.stage === "published" || task.stage === "in_inbox";
}

/** Whether TikTok may still make a post of what the task has. */
export function mayPost(task: Task): boolean {
  return isPost(task) || (isComplete(task) && task.stage === "uploading");
}

function isTaking(task: Task, nowMs: number): boolean {
  return task.stage === "uploading" && !isComplete(task) && nowMs < task.urlDiesAtMs;
}

function checkPublication(
  sight: Sight,
  process: Process,
  before: Publication | null,
  after: Publication,
): void {
  if (before === null) {
    if (after.status !== "uploading") sight.report(`machine: born as ${after.status}`);
    return;
  }
  checkStatus(sight, process, before, after);
  checkFence(sight, process, before, after);
  checkTask(sight, before, after);
  if (before.status !== after.status) checkTruth(sight, after);
}

/** Another attempt: by the creator only, after a failure that allows it. */
function isRetry(process: Process, before: Publication, after: Publication): boolean {
  const isAllowed = before.status === "failed" && before.failure?.isRetryable === true;
  const isNext = after.status === "queued" && after.attempt === before.attempt + 1;
  return process.kind === "api" && isAllowed && isNext;
}

function checkStatus(
  sight: Sight,
  process: Process,
  before: Publication,
  after: Publication,
): void {
  if (isRetry(process, before, after)) return;
  if (isSettled(before.status)) {
    const kept = JSON.stringify([after.status, after.failure, after.history, after.file]);
    const was = JSON.stringify([before.status, before.failure, before.history, before.file]);
    if (kept !== was) sight.report(`terminal: ${before.status} changed to ${after.status}`);
    if (before.postIds.length > 0 && before.postIds.join() !== after.postIds.join()) {
      sight.report("terminal: a post id changed");
    }
    return;
  }
  if (before.status !== after.status && !followers[before.status].includes(after.status)) {
    sight.report(`machine: ${before.status} to ${after.status}`);
  }
  if (after.history.at(-1)?.status !== after.status) sight.report("machine: history is behind");
}

function checkFence(sight: Sight, process: Process, before: Publication, after: Publication): void {
  const { id } = after;
  if (after.fence === before.fence + 1) {
    const soonMs = sight.nowMs() + clockMarginMs;
    const isHeld = before.lease !== null && before.lease.expiresAtMs > soonMs;
    if (isHeld) sight.report("fence: a lease was taken from its living holder");
    process.fenceById.set(id, after.fence);
    return;
  }
  if (after.fence !== before.fence) sight.report(`fence: ${before.fence} to ${after.fence}`);
  const held = process.fenceById.get(id);
  if (held !== undefined && held !== before.fence) {
    sight.report(`fence: ${process.name} writes with ${held}, the record has ${before.fence}`);
  }
}

function checkTask(sight: Sight, before: Publication, after: Publication): void {
  const { task } = after;
  const atTikTok = sight.tasks().find((other) => other.publishId === task?.publishId);
  if (task !== null && task.confirmedBytes > (atTikTok?.receivedBytes ?? 0)) {
    sight.report(`truth: ${task.confirmedBytes} confirmed, TikTok has fewer`);
  }
  if (task !== null && urlOwner(sight, task) !== task.publishId) {
    sight.report("task: the URL on record is not its own");
  }
  if (before.task === null || before.task.publishId === task?.publishId) return;
  const old = before.task.publishId;
  if (!after.deadTasks.some(({ publishId }) => publishId === old)) {
    sight.report("task: a task was forgotten");
  }
  const oldTask = sight.tasks().find((other) => other.publishId === old);
  if (oldTask !== undefined && mayPost(oldTask)) sight.report("task: a complete task was buried");
}

function urlOwner(sight: Sight, { sealedUploadUrl }: ChunkTask): string | null {
  return new URL(sight.unsealed(sealedUploadUrl)).searchParams.get("upload_id");
}

/** What a status says must be so at TikTok. */
function checkTruth(sight: Sight, after: Publication): void {
  const tasks = sight.tasks().filter((task) => task.bytes === after.file.bytes);
  const current = tasks.find((task) => task.publishId === after.task?.publishId);
  if (after.status === "processing" && (current === undefined || !isComplete(current))) {
    sight.report("truth: processing, but TikTok lacks bytes");
  }
  if (after.status === "published" && current?.stage !== "published") {
    sight.report("truth: published, but there is no post");
  }
  if (after.status === "in_inbox" && current?.stage !== "in_inbox") {
    sight.report("truth: in the inbox, but there is no draft");
  }
  if (isEndedWithoutPost(after) && tasks.some(mayPost)) {
    const why = after.failure?.code ?? "no reason";
    sight.report(`truth: ${after.status} (${why}), but TikTok has the whole video`);
  }
}

/** Failed or cancelled, and not with the words that a post may exist all the same. */
export function isEndedWithoutPost({ status, failure }: Publication): boolean {
  if (status === "cancelled") return true;
  if (status !== "failed" || failure === null) return false;
  const mayExist =
    !failure.isRetryable &&
    (failure.code === "outcome_unknown" || failure.code === "reconnect_required");
  return !mayExist;
}

function checkBytes(sight: Sight, process: Process, task: Task, firstByte: number): void {
  const publication = sight.publicationOf(task);
  // A task before a retry lacked more than what one relay can still have on its way; its posts are counted all the same.
  const given = publication?.deadTasks.filter(({ why }) => why === "retried") ?? [];
  for (const other of sight.tasks()) {
    if (other === task || other.bytes !== task.bytes || other.receivedBytes === 0) continue;
    if (!mayPost(other) && given.some(({ publishId }) => publishId === other.publishId)) continue;
    if (mayPost(other) || isTaking(other, sight.nowMs())) {
      sight.report("twice: bytes for a second task while the first may still become a post");
    }
  }
  if (publication === null) {
    sight.report("bytes: a task without a publication");
    return;
  }
  const held = process.fenceById.get(publication.id);
  if (held !== publication.fence || isSettled(publication.status)) return;
  if (publication.task?.publishId !== task.publishId) {
    sight.report("record: bytes went out before their task was recorded");
    return;
  }
  // A checkpoint may be on its way beside the next chunk, but never beside the one that can make a post.
  const { confirmedBytes } = publication.task;
  const { chunkBytes, chunkCount } = task.plan;
  const isLast = firstByte === chunkBytes * (chunkCount - 1);
  if (isLast && confirmedBytes !== firstByte) {
    sight.report("record: the last chunk went out before the one before it was recorded");
  } else if (confirmedBytes > firstByte || firstByte - confirmedBytes > chunkBytes) {
    sight.report("record: it is not within a chunk of what went out");
  }
}

/** Whichever login a pair comes from, it must be the newest of that login. */
function checkAccount(sight: Sight, before: Row | null, after: Row): void {
  const account = accountIn(after);
  const generation = generationOf(sight, account);
  const isNew = before === null || generationOf(sight, accountIn(before)) !== generation;
  if (isNew && sight.judgePair(account.openId, generation) === "superseded") {
    sight.report("tokens: an older pair was stored over a newer one");
  }
}

export function generationOf(sight: Pick<Sight, "unsealed">, account: Account): number {
  return Number(/rft\.[^."]+\.(\d+)/.exec(sight.unsealed(account.sealedTokens))?.[1] ?? 0);
}
