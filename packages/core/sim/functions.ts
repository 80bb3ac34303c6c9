/**
 * The functions as the infrastructure runs them: what starts each of them, how long it may take, how often a message is
 * received. The thin handlers of `packages/functions` are left out; what they call is called here.
 */
import { createHmac } from "node:crypto";
import {
  check,
  deadLetter,
  heed,
  parseCheckMessage,
  parseRelayMessage,
  poll,
  pollReserveMs,
  relay,
} from "../src/publishing/index.ts";
import { verifyWebhook } from "../src/tiktok/index.ts";
import type { Deps } from "./deps.ts";
import type { Process, ProcessEnd, ProcessKind } from "./process.ts";
import { createSimQueue, type Delivery, type SimQueue } from "./queue.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Task } from "./tiktok.ts";

const secondMs = 1_000;
const minuteMs = 60_000;

/** Timeouts, visibilities and receives as infra has them. */
export const timeoutMs: Record<ProcessKind, number> = {
  relay: 900 * secondMs,
  check: 60 * secondMs,
  poller: 60 * secondMs,
  dead: 30 * secondMs,
  api: 20 * secondMs,
  webhook: 10 * secondMs,
};
const relayVisibilityMs = 960 * secondMs;
const checkVisibilityMs = 120 * secondMs;
const deadVisibilityMs = 180 * secondMs;
const relayReceivesMax = 5;
const relaySlots = 10;
/** The poller is started this early for what is due: its clock may be ahead. */
const tickMarginMs = 5 * secondMs;

export type Start = (
  kind: ProcessKind,
  work: (deps: Deps, process: Process) => Promise<unknown>,
  onEnd: (end: ProcessEnd, error: unknown) => void,
) => void;

export interface Functions {
  relayQueue: SimQueue;
  checkQueue: SimQueue;
  deadQueue: SimQueue;
  /** Something will be due at this time. */
  tickAt(dueAtMs: number): void;
  receiveHook(hook: Hook): void;
}

export function createFunctions(
  scheduler: Scheduler,
  options: { start: Start; delivery: Delivery; firstDueMs(): number | null },
): Functions {
  const { start, delivery } = options;
  const deadQueue = createSimQueue(scheduler, {
    visibilityMs: deadVisibilityMs,
    receivesMax: null,
    slots: null,
    delivery,
    consume: (body, onEnd) =>
      start("dead", (deps) => deadLetter(deps, parseRelayMessage(body)), onEnd),
    bury: () => undefined,
  });
  const relayQueue = createSimQueue(scheduler, {
    visibilityMs: relayVisibilityMs,
    receivesMax: relayReceivesMax,
    slots: relaySlots,
    delivery,
    consume: (body, onEnd) =>
      start("relay", (deps, process) => runRelay(deps, process, body), onEnd),
    bury: (body) => deadQueue.deliver(body),
  });
  const checkQueue = createSimQueue(scheduler, {
    visibilityMs: checkVisibilityMs,
    receivesMax: null,
    slots: null,
    delivery,
    consume: (body, onEnd) => start("check", (deps) => check(deps, parseCheckMessage(body)), onEnd),
    bury: () => undefined,
  });
  return {
    relayQueue,
    checkQueue,
    deadQueue,
    tickAt: createTicks(scheduler, options),
    receiveHook: (hook) => receiveHook(scheduler, start, hook),
  };
}

function runRelay(deps: Deps, process: Process, body: string): Promise<unknown> {
  const deadlineMs = deps.clock.nowMs() + timeoutMs.relay;
  return relay(deps, { ...parseRelayMessage(body), owner: process.name, deadlineMs });
}

/** The poller runs each minute; a minute in which nothing is due is left out, since it would do nothing. */
function createTicks(
  scheduler: Scheduler,
  { start, firstDueMs }: { start: Start; firstDueMs(): number | null },
): (dueAtMs: number) => void {
  let nextTickMs = Number.POSITIVE_INFINITY;
  const again = () => {
    const firstMs = firstDueMs();
    if (firstMs !== null) tickAt(firstMs);
  };
  const tickAt = (dueAtMs: number) => {
    const soonestMs = Math.max(scheduler.nowMs() + 1, dueAtMs - tickMarginMs);
    const tickMs = Math.ceil(soonestMs / minuteMs) * minuteMs;
    if (tickMs >= nextTickMs) return;
    nextTickMs = tickMs;
    scheduler.later(tickMs - scheduler.nowMs(), () => {
      if (nextTickMs !== tickMs) return;
      nextTickMs = Number.POSITIVE_INFINITY;
      const runMs = timeoutMs.poller - pollReserveMs;
      start("poller", (deps) => poll(deps, { deadlineMs: deps.clock.nowMs() + runMs }), again);
    });
  };
  return tickAt;
}

export interface Hook {
  event: string;
  task: Task | null;
  openId: string;
  createdAtMs: number;
  /** A forged one is signed with another secret. */
  isForged: boolean;
}

const clientKey = "awsimulation";
const clientSecret = "simulated-client-secret";

function receiveHook(scheduler: Scheduler, start: Start, hook: Hook): void {
  const seconds = Math.floor(scheduler.nowMs() / 1000);
  const content = hook.task === null ? { reason: 1 } : { publish_id: hook.task.publishId };
  const rawBody = JSON.stringify({
    client_key: clientKey,
    event: hook.event,
    create_time: Math.floor(hook.createdAtMs / 1000),
    user_openid: hook.openId,
    content: JSON.stringify(content),
  });
  const signed = createHmac("sha256", hook.isForged ? "a guess" : clientSecret)
    .update(`${seconds}.${rawBody}`)
    .digest("hex");
  const given = { rawBody, signature: `t=${seconds},s=${signed}`, clientKey, clientSecret };
  const work = async (deps: Deps) => {
    const verdict = verifyWebhook({ ...given, nowMs: deps.clock.nowMs() });
    if (verdict.type === "event") await heed(deps, verdict.event);
  };
  start("webhook", work, () => undefined);
}
