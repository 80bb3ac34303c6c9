// Signed webhooks, delivered at least once (fact sheet §10). A delivery is written down before its first
// attempt and survives a restart; anything but 200 is tried again:
//
//   attempt ─ 1× base ─ attempt ─ 2× ─ attempt ─ 4× ─ … ─ until 72 h after the event, then dropped

import { createHmac, randomUUID } from "node:crypto";
import { sleep } from "./clock.ts";
import { type Sandbox, wakeAt } from "./context.ts";
import { openId } from "./ids.ts";
import type { Hook } from "./state.ts";

export type HookEvent =
  | "authorization.removed"
  | "post.publish.failed"
  | "post.publish.complete"
  | "post.publish.inbox_delivered"
  | "post.publish.publicly_available"
  // TikTok's own spelling.
  | "post.publish.no_longer_publicaly_available";

export type HookInput = {
  clientKey: string;
  username: string;
  event: HookEvent;
  publishId: string | null;
  /** The inner JSON as text, so that an int64 can stand in it as raw digits. */
  content: string;
};

const delayMaxMs = 3_600_000;
const finishedHooksMax = 500;

export function sign(clientSecret: string, atSec: number, body: string): string {
  const digest = createHmac("sha256", clientSecret).update(`${atSec}.${body}`).digest("hex");
  return `t=${atSec},s=${digest}`;
}

export function announce(sandbox: Sandbox, input: HookInput): void {
  const app = sandbox.apps.get(input.clientKey);
  if (app === undefined || app.webhookUrl === null) return;
  const nowMs = sandbox.clock.nowMs();
  const createTime = Math.floor(nowMs / 1000);
  const hook: Hook = {
    id: randomUUID(),
    clientKey: input.clientKey,
    event: input.event,
    publishId: input.publishId,
    body: JSON.stringify({
      client_key: input.clientKey,
      event: input.event,
      create_time: createTime,
      user_openid: openId(input.clientKey, input.username),
      content: input.content,
    }),
    signedAtSec: createTime,
    createdAtMs: nowMs,
    attempts: 0,
    lastStatus: null,
    nextAtMs: nowMs,
    outcome: "pending",
  };
  sandbox.store.hooks.put(hook);
  forgetOldest(sandbox);
  schedule(sandbox, hook);
}

/** Takes up the deliveries that were still open when the process ended. */
export function resume(sandbox: Sandbox): void {
  for (const hook of sandbox.store.hooks.all()) schedule(sandbox, hook);
}

function schedule(sandbox: Sandbox, hook: Hook): void {
  if (hook.outcome !== "pending" || hook.nextAtMs === null) return;
  // A failed attempt is recorded by `deliver`; what is left to reject is a bug and must be seen.
  wakeAt(sandbox, `hook ${hook.id}`, hook.nextAtMs, () => void deliver(sandbox, hook));
}

async function deliver(sandbox: Sandbox, hook: Hook): Promise<void> {
  const atMs = sandbox.clock.nowMs();
  const plan = sandbox.faults.take("webhook", { publishId: hook.publishId ?? undefined });
  if (plan.delayMs > 0) await sleep(sandbox.clock, plan.delayMs);
  const kind = plan.rule?.kind;
  let result = kind === "drop-before" ? "dropped" : await post(sandbox, hook);
  if (kind === "duplicate") result = await post(sandbox, hook);
  if (kind === "drop-after") result = "answer lost";
  if (sandbox.closing.signal.aborted) return;
  const after = settle(sandbox, hook, result);
  sandbox.store.hooks.put(after);
  sandbox.log.add({
    atMs,
    operation: "webhook",
    method: "POST",
    path: hook.event,
    status: /^\d+$/.test(result) ? Number(result) : null,
    code: after.outcome === "delivered" ? "ok" : result,
    rule: after.outcome === "delivered" ? null : "§10 anything but 200 is delivered again",
    message: null,
    fault: plan.id,
    clientKey: hook.clientKey,
    creator: null,
    publishId: hook.publishId,
  });
  schedule(sandbox, after);
}

function settle(sandbox: Sandbox, hook: Hook, result: string): Hook {
  const { webhookRetryBaseMs, webhookHorizonMs } = sandbox.knobs;
  const after = { ...hook, attempts: hook.attempts + 1, lastStatus: result };
  if (result === "200") return { ...after, outcome: "delivered", nextAtMs: null };
  // The exponent is bounded so that the product stays a safe integer.
  const delayMs = Math.min(delayMaxMs, webhookRetryBaseMs * 2 ** Math.min(30, hook.attempts));
  const nextAtMs = sandbox.clock.nowMs() + delayMs;
  if (nextAtMs > hook.createdAtMs + webhookHorizonMs) {
    return { ...after, outcome: "given-up", nextAtMs: null };
  }
  return { ...after, nextAtMs };
}

async function post(sandbox: Sandbox, hook: Hook): Promise<string> {
  const app = sandbox.apps.get(hook.clientKey);
  if (app === undefined || app.webhookUrl === null) return "no webhook URL";
  const isFresh = sandbox.knobs.webhookResign && hook.attempts > 0;
  const signedAtSec = isFresh ? Math.floor(sandbox.clock.nowMs() / 1000) : hook.signedAtSec;
  try {
    const response = await fetch(app.webhookUrl, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "tiktok-signature": sign(app.clientSecret, signedAtSec, hook.body),
      },
      body: hook.body,
      signal: AbortSignal.any([
        AbortSignal.timeout(sandbox.knobs.webhookTimeoutMs),
        sandbox.closing.signal,
      ]),
    });
    await response.body?.cancel();
    return String(response.status);
  } catch (error) {
    // An unreachable receiver is an ordinary outcome: it is recorded and tried again.
    return error instanceof DOMException ? "timeout" : "unreachable";
  }
}

function forgetOldest(sandbox: Sandbox): void {
  const finished = sandbox.store.hooks.all().filter((hook) => hook.outcome !== "pending");
  for (const hook of finished.slice(0, -finishedHooksMax)) sandbox.store.hooks.remove(hook.id);
}
