// Moves tasks through machine.ts and does what each move entails: records, posts, webhooks, wake-ups and
// files. Time is caught up whenever somebody looks, so a late timer changes nothing that can be seen.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postsToday } from "./caps.ts";
import { cancelWake, type Sandbox, wakeAt } from "./context.ts";
import { int64Digits, secretHash } from "./ids.ts";
import { dueAtMs, isProcessing, type TaskEvent, transition } from "./machine.ts";
import { inspectMedia, judgeMedia } from "./media.ts";
import * as Posts from "./posts.ts";
import { type FailReason, failReasonSchema, type PrivacyLevel, type Task } from "./state.ts";
import { announce } from "./webhooks.ts";

export type NewTask = Pick<
  Task,
  | "publishId"
  | "kind"
  | "source"
  | "clientKey"
  | "username"
  | "post"
  | "totalBytes"
  | "chunkBytes"
  | "chunkCount"
> & { uploadToken: string };

// §7.6: whatever the creator's own limit, developers may send ten minutes.
const inboxDurationSecMax = 600;
const gigabyte = 1e9;

export function create(sandbox: Sandbox, { uploadToken, ...input }: NewTask): Task {
  const nowMs = sandbox.clock.nowMs();
  const isPull = input.source === "PULL_FROM_URL";
  const task: Task = {
    ...input,
    uploadId: int64Digits(),
    uploadTokenHash: secretHash(uploadToken),
    uploadedBytes: 0,
    chunks: [],
    contentType: null,
    sha256: null,
    status: isPull ? "PROCESSING_DOWNLOAD" : "PROCESSING_UPLOAD",
    // No fetcher is built in: a pull ends like one whose origin cannot be reached.
    verdict: isPull ? "video_pull_failed" : null,
    failReason: null,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + sandbox.knobs.uploadUrlLifetimeMs,
    transferredAtMs: null,
    settleAtMs: isPull ? nowMs + sandbox.knobs.pullMs : null,
  };
  if (!isPull) {
    mkdirSync(join(sandbox.dir, "videos"), { recursive: true });
    writeFileSync(videoPath(sandbox, task), "");
  }
  sandbox.store.tasks.put(task);
  scheduleTask(sandbox, task);
  return task;
}

/** Applies one event and everything that follows from it. */
export function apply(sandbox: Sandbox, task: Task, event: TaskEvent): Task {
  const after = transition(task, event);
  if (after === task) return task;
  sandbox.store.tasks.put(after);
  if (event.type !== "chunkStored") scheduleTask(sandbox, after);
  if (after.status !== task.status) {
    if (after.status === "FAILED") discard(sandbox, after);
    announceStatus(sandbox, after);
  }
  return after;
}

export async function finishTransfer(sandbox: Sandbox, task: Task, sha256: string): Promise<Task> {
  const verdict = await inspect(sandbox, task);
  const current = sandbox.store.tasks.get(task.publishId) ?? task;
  const { processingMs, processingMsPerGb } = sandbox.knobs;
  const atMs = sandbox.clock.nowMs();
  const settleAtMs = atMs + processingMs + (task.totalBytes / gigabyte) * processingMsPerGb;
  sandbox.uploads.delete(task.publishId);
  return apply(sandbox, current, { type: "transferred", sha256, atMs, settleAtMs, verdict });
}

/** The task as it stands now, after everything that time has done to it. */
export function current(sandbox: Sandbox, publishId: string): Task | undefined {
  const task = sandbox.store.tasks.get(publishId);
  if (task === undefined) return undefined;
  const dueMs = dueAtMs(task);
  if (dueMs === null || dueMs > sandbox.clock.nowMs()) return task;
  if (task.settleAtMs !== null) return settle(sandbox, task);
  // An upload in the middle of its last chunk at the hour's end is cut off by the same rule.
  if (sandbox.knobs.expiredUpload === "stuck") return task;
  return apply(sandbox, task, { type: "failed", reason: "internal" });
}

export function creatorPosts(
  sandbox: Sandbox,
  task: Task,
  draft: { title: string; privacyLevel: PrivacyLevel },
): { task: Task; postId: string } | null {
  const after = apply(sandbox, task, { type: "creatorPosted" });
  if (after === task) return null;
  // One draft can become several posts, each with its own complete event (§10).
  if (after.status === task.status) announceStatus(sandbox, after);
  const post = Posts.publish(sandbox, after, { ...draft, isAigc: false, isBranded: false });
  return { task: after, postId: post.postId };
}

/** The creator or the developer took the permission away: what is under way cannot end well. */
export function failAllOf(sandbox: Sandbox, clientKey: string, username: string): void {
  for (const task of sandbox.store.tasks.all()) {
    if (task.clientKey !== clientKey || task.username !== username || !isProcessing(task)) continue;
    apply(sandbox, task, { type: "failed", reason: "auth_removed" });
  }
}

export function resume(sandbox: Sandbox): void {
  for (const task of sandbox.store.tasks.all()) scheduleTask(sandbox, task);
}

export function videoPath(sandbox: Sandbox, task: Task): string {
  return join(sandbox.dir, "videos", `${task.uploadId}.bin`);
}

function scheduleTask(sandbox: Sandbox, task: Task): void {
  const dueMs = dueAtMs(task);
  const isStuck = task.settleAtMs === null && sandbox.knobs.expiredUpload === "stuck";
  if (dueMs === null || isStuck) {
    cancelWake(sandbox, task.publishId);
    return;
  }
  wakeAt(sandbox, task.publishId, dueMs, () => {
    const after = current(sandbox, task.publishId);
    // A clamped timer is early; look again when it is really due.
    if (after !== undefined && after === task) scheduleTask(sandbox, task);
  });
}

function settle(sandbox: Sandbox, task: Task): Task {
  const verdict = task.verdict ?? judgeSettlement(sandbox, task);
  const after = apply(sandbox, task, { type: "settled", verdict });
  if (after.status !== "PUBLISH_COMPLETE" || task.post === null) return after;
  const { title, privacyLevel, isAigc, isBranded } = task.post;
  Posts.publish(sandbox, after, { title, privacyLevel, isAigc, isBranded });
  return after;
}

function judgeSettlement(sandbox: Sandbox, task: Task): FailReason | null {
  const subject = { publishId: task.publishId, creator: task.username };
  const { rule } = sandbox.faults.take("processing", subject);
  if (rule?.kind === "fail") return rule.failReason;
  const creator = sandbox.store.creators.get(task.username);
  if (creator === undefined || task.kind !== "direct") return null;
  if (creator.isBanned) return "spam_risk_user_banned_from_posting";
  const isFull = postsToday(sandbox, creator) >= sandbox.knobs.postsPerDayMax;
  return isFull ? "spam_risk_too_many_posts" : null;
}

async function inspect(sandbox: Sandbox, task: Task): Promise<FailReason | null> {
  // A caption like "… #sandbox_fail_spam_risk_text" forces that end without the control API.
  const marker = /#sandbox_fail_(\w+)/.exec(task.post?.title ?? "")?.[1];
  const forced = failReasonSchema.safeParse(marker);
  if (forced.success) return forced.data;
  const depth = sandbox.knobs.mediaCheck;
  if (depth === "off") return null;
  const creator = sandbox.store.creators.get(task.username);
  const isDirect = task.kind === "direct" && creator !== undefined;
  const durationSecMax = isDirect ? creator.maxDurationSec : inboxDurationSecMax;
  return judgeMedia(await inspectMedia(videoPath(sandbox, task)), { durationSecMax, depth });
}

function announceStatus(sandbox: Sandbox, task: Task): void {
  const { clientKey, username, publishId } = task;
  const publish_type = task.kind === "inbox" ? "INBOX_SHARE" : sandbox.knobs.directPublishType;
  const input = { clientKey, username, publishId };
  const content = { publish_id: publishId, publish_type };
  if (task.status === "FAILED") {
    const failure = JSON.stringify({ ...content, reason: task.failReason });
    announce(sandbox, { ...input, event: "post.publish.failed", content: failure });
  } else if (task.status === "SEND_TO_USER_INBOX") {
    const event = "post.publish.inbox_delivered";
    announce(sandbox, { ...input, event, content: JSON.stringify(content) });
  } else if (task.status === "PUBLISH_COMPLETE") {
    announce(sandbox, {
      ...input,
      event: "post.publish.complete",
      content: JSON.stringify(content),
    });
  }
}

/** A failed task's bytes serve nobody. */
function discard(sandbox: Sandbox, task: Task): void {
  sandbox.uploads.delete(task.publishId);
  rmSync(videoPath(sandbox, task), { force: true });
}
