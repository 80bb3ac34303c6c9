// What was posted: creates posts, lets moderation make them public, hides them again, and keeps the disk
// within its budget. A post's id is only told to the app once the post is public (fact sheet §8).

import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Sandbox, wakeAt } from "./context.ts";
import { int64Digits } from "./ids.ts";
import type { Post, Task } from "./state.ts";
import { announce } from "./webhooks.ts";

export type NewPost = Pick<Post, "title" | "privacyLevel" | "isAigc" | "isBranded">;

export function publish(sandbox: Sandbox, task: Task, input: NewPost): Post {
  const nowMs = sandbox.clock.nowMs();
  const creator = sandbox.store.creators.get(task.username);
  const { moderationMs } = sandbox.knobs;
  const isPublic = input.privacyLevel === "PUBLIC_TO_EVERYONE" && creator?.isPrivate !== true;
  const isModerating = isPublic && moderationMs !== null;
  const post: Post = {
    ...input,
    postId: int64Digits(),
    publishId: task.publishId,
    clientKey: task.clientKey,
    username: task.username,
    bytes: task.totalBytes,
    sha256: task.sha256 ?? "",
    contentType: task.contentType ?? "video/mp4",
    createdAtMs: nowMs,
    visibility: isPublic ? "moderating" : "restricted",
    publicAtMs: isModerating ? nowMs + moderationMs : null,
  };
  sandbox.store.posts.put(post);
  keepWithinBudget(sandbox);
  schedulePost(sandbox, post);
  return post;
}

/** The post as it stands now, after moderation had its time. */
export function current(sandbox: Sandbox, post: Post): Post {
  if (post.visibility !== "moderating" || post.publicAtMs === null) return post;
  if (post.publicAtMs > sandbox.clock.nowMs()) return post;
  const after: Post = { ...post, visibility: "public" };
  sandbox.store.posts.put(after);
  announcePost(sandbox, after, "post.publish.publicly_available");
  return after;
}

export function all(sandbox: Sandbox): Post[] {
  return sandbox.store.posts.all().map((post) => current(sandbox, post));
}

export function publicIdsOf(sandbox: Sandbox, publishId: string): string[] {
  return all(sandbox)
    .filter((post) => post.publishId === publishId && post.visibility === "public")
    .map((post) => post.postId);
}

/** The creator takes a public post back. */
export function hide(sandbox: Sandbox, post: Post): Post {
  const after: Post = { ...post, visibility: "restricted", privacyLevel: "SELF_ONLY" };
  sandbox.store.posts.put(after);
  if (post.visibility === "public") {
    announcePost(sandbox, after, "post.publish.no_longer_publicaly_available");
  }
  return after;
}

export function resume(sandbox: Sandbox): void {
  for (const post of sandbox.store.posts.all()) schedulePost(sandbox, post);
}

function schedulePost(sandbox: Sandbox, post: Post): void {
  if (post.visibility !== "moderating" || post.publicAtMs === null) return;
  wakeAt(sandbox, `post ${post.postId}`, post.publicAtMs, () => {
    const stored = sandbox.store.posts.get(post.postId);
    if (stored === undefined) return;
    const after = current(sandbox, stored);
    if (after === stored) schedulePost(sandbox, stored);
  });
}

function announcePost(
  sandbox: Sandbox,
  post: Post,
  event: "post.publish.publicly_available" | "post.publish.no_longer_publicaly_available",
): void {
  const task = sandbox.store.tasks.get(post.publishId);
  const type = task?.kind === "inbox" ? "INBOX_SHARE" : sandbox.knobs.directPublishType;
  // Raw digits when the knob says number: JSON.stringify could not write them (§8).
  const id = sandbox.knobs.webhookPostIdType === "string" ? `"${post.postId}"` : post.postId;
  const content = `{"publish_id":"${post.publishId}","post_id":${id},"publish_type":"${type}"}`;
  const { clientKey, username, publishId } = post;
  announce(sandbox, { clientKey, username, publishId, event, content });
}

/** Removes the oldest video files beyond the budget; their posts and digests stay. */
function keepWithinBudget(sandbox: Sandbox): void {
  const newestFirst = sandbox.store.posts.all().sort((a, b) => b.createdAtMs - a.createdAtMs);
  const kept = new Set<string>();
  let keptBytes = 0;
  for (const post of newestFirst) {
    const uploadId = sandbox.store.tasks.get(post.publishId)?.uploadId;
    if (uploadId === undefined || kept.has(uploadId)) continue;
    keptBytes += post.bytes;
    // The newest is kept whatever its size, so that a post can always be watched once.
    if (kept.size > 0 && keptBytes > sandbox.knobs.retainVideoBytes) {
      rmSync(join(sandbox.dir, "videos", `${uploadId}.bin`), { force: true });
    } else kept.add(uploadId);
  }
}
