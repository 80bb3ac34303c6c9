/**
 * Webhooks are hints: a valid one makes us look, it never decides. The one exception is a creator who disconnects the
 * app at TikTok, where there is nothing left to look with.
 */
import { findAccountByOpenId, markReconnect } from "../auth/index.ts";
import { findByPublishId } from "../publications/index.ts";
import type { Clock, Log } from "../system/index.ts";
import type { TableDeps } from "../table/index.ts";
import type { WebhookEvent } from "../tiktok/index.ts";
import { type QueueDeps, sendCheck } from "./messages.ts";

export async function heed(
  deps: TableDeps & Pick<QueueDeps, "checkQueue"> & { clock: Clock; log: Log },
  event: WebhookEvent,
): Promise<void> {
  deps.log.event("webhook", { hook: event.event, isStale: event.isStale });
  if (event.event === "authorization.removed") {
    await removeAuthorization(deps, event);
    return;
  }
  if (event.publishId === null) return;
  const stored = await findByPublishId(deps, event.publishId);
  if (stored === null || stored.value.openId !== event.openId) return;
  await sendCheck(deps, stored.value, { check: null, delayMs: 0 });
}

/** An old event must not undo a newer login: its creation is compared with the account's last one. */
async function removeAuthorization(deps: TableDeps, event: WebhookEvent): Promise<void> {
  const account = await findAccountByOpenId(deps, event.openId);
  if (account === null || event.createdAtMs < account.value.connectedAtMs) return;
  const { userId, openId } = account.value;
  await markReconnect(deps, { userId, openId, reason: "auth_removed" });
}
