// The daily caps and the rules for unaudited apps (fact sheet §5, §12), counted from the records.

import { type App, isAudited, type Sandbox } from "./context.ts";
import { type ApiErrorCode, refuse } from "./refusal.ts";
import type { Creator, Task } from "./state.ts";

const dayMs = 86_400_000;

/** Throws what keeps this creator from one more direct post through this app (§4.4, order of §16.2). */
export function checkDirectPost(sandbox: Sandbox, app: App, creator: Creator): void {
  if (creator.isBanned) throw refuse("spam_risk_user_banned_from_posting", "§4.4 banned");
  const { postsPerDayMax } = sandbox.knobs;
  if (postsToday(sandbox, creator) + arriving(sandbox, creator).length >= postsPerDayMax) {
    throw refuse("spam_risk_too_many_posts", `§12 ${postsPerDayMax} posts per creator and 24 h`);
  }
  const active = activeCreators(sandbox, app);
  const activeMax = isAudited(sandbox, app)
    ? sandbox.knobs.activeCreatorsPerDayMax
    : sandbox.knobs.unauditedCreatorsPerDayMax;
  // A creator who is already active today keeps posting.
  if (!active.has(creator.username) && active.size >= activeMax) {
    throw refuse("reached_active_user_cap", `§12 ${activeMax} posting creators per app and 24 h`);
  }
}

export function checkInboxShare(sandbox: Sandbox, creator: Creator): void {
  if (creator.isBanned) throw refuse("spam_risk_user_banned_from_posting", "§5 banned");
  const { pendingSharesMax, pendingSharesStatus, pendingSharesWindow } = sandbox.knobs;
  const pending = sandbox.store.tasks.all().filter((task) => {
    const isOpen = task.status !== "FAILED" && task.status !== "PUBLISH_COMPLETE";
    if (task.kind !== "inbox" || task.username !== creator.username || !isOpen) return false;
    return pendingSharesWindow === "concurrent" || isWithinDay(sandbox, task.createdAtMs);
  });
  if (pending.length >= pendingSharesMax) {
    throw refuse(
      "spam_risk_too_many_pending_share",
      `§5 ${pendingSharesMax} drafts that the creator has not posted`,
      { status: pendingSharesStatus },
    );
  }
}

/** What creator info answers with HTTP 200 and this code (§3), or null. */
export function creatorInfoCap(refusalCode: string): ApiErrorCode | null {
  switch (refusalCode) {
    case "spam_risk_too_many_posts":
    case "spam_risk_user_banned_from_posting":
    case "reached_active_user_cap":
      return refusalCode;
    default:
      return null;
  }
}

export function postsToday(sandbox: Sandbox, creator: Creator): number {
  const posts = sandbox.store.posts.all().filter((post) => {
    const kind = sandbox.store.tasks.get(post.publishId)?.kind;
    const isDirect = post.username === creator.username && kind !== "inbox";
    return isDirect && isWithinDay(sandbox, post.createdAtMs);
  });
  return posts.length + creator.postsElsewhereCount;
}

/** Direct posts whose bytes are all in but which are not posted yet. */
function arriving(sandbox: Sandbox, creator: Creator): Task[] {
  return sandbox.store.tasks
    .all()
    .filter(
      (task) =>
        task.kind === "direct" &&
        task.username === creator.username &&
        task.status === "PROCESSING_UPLOAD" &&
        task.transferredAtMs !== null,
    );
}

function activeCreators(sandbox: Sandbox, app: App): Set<string> {
  const active = sandbox.store.tasks
    .all()
    .filter(
      (task) =>
        task.kind === "direct" &&
        task.clientKey === app.clientKey &&
        isWithinDay(sandbox, task.createdAtMs),
    );
  return new Set(active.map((task) => task.username));
}

function isWithinDay(sandbox: Sandbox, atMs: number): boolean {
  return atMs > sandbox.clock.nowMs() - dayMs;
}
