/**
 * What one queue holds, and the moves of a message between ready, delayed, in flight and gone.
 *
 * Promises that a message's lane, deadline and count change together; queue.ts decides when it moves. Exactly one
 * deadline per message: when it becomes ready, or, while it is ready, when its retention ends. A hidden message whose
 * retention ends goes when it would have become ready.
 */
import * as Deadlines from "./deadlines.ts";
import * as Lanes from "./lanes.ts";
import type { QueueSettings } from "./settings.ts";

export type Message = {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly groupId: string | null;
  /** When it was first sent; retention counts from here, in the dead-letter queue too. */
  readonly sentAtMs: number;
  /** The queue it died in, if any. */
  readonly deadLetterSourceArn: string | null;
  /** Receives in the queue it died in: SQS counts across queues, a redrive policy does not. */
  readonly priorReceiveCount: number;
  readonly order: number;
  state: "delayed" | "ready" | "inFlight";
  dueAtMs: number;
  receiveCount: number;
  firstReceivedAtMs: number | null;
  lastReceivedAtMs: number | null;
};

export type Queue = {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  modifiedAtMs: number;
  settings: QueueSettings;
  readonly messageById: Map<string, Message>;
  readonly deadlines: Deadlines.Deadlines<Message>;
  readonly lanes: Lanes.Lanes<Message>;
  readonly depth: Depth;
  nextOrder: number;
};

export type Depth = { visible: number; inFlight: number; delayed: number };

export function createQueue(options: {
  name: string;
  arn: string;
  settings: QueueSettings;
  nowMs: number;
}): Queue {
  const { nowMs, ...rest } = options;
  return {
    ...rest,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
    messageById: new Map(),
    deadlines: [],
    lanes: Lanes.createLanes(),
    depth: { visible: 0, inFlight: 0, delayed: 0 },
    nextOrder: 1,
  };
}

/** Adds a message that is nowhere yet; `place` must follow. */
export function createMessage(
  queue: Queue,
  input: Omit<Message, "order" | "state" | "dueAtMs" | "lastReceivedAtMs">,
): Message {
  const message: Message = {
    ...input,
    order: queue.nextOrder,
    state: "delayed",
    dueAtMs: 0,
    lastReceivedAtMs: null,
  };
  queue.nextOrder += 1;
  queue.messageById.set(message.id, message);
  return message;
}

export function placeReady(queue: Queue, message: Message): void {
  message.state = "ready";
  message.dueAtMs = expiresAtMs(queue, message);
  queue.depth.visible += 1;
  Deadlines.insert(queue.deadlines, message);
  Lanes.add(queue.lanes, message);
}

export function placeHidden(
  queue: Queue,
  message: Message,
  options: { state: "delayed" | "inFlight"; untilMs: number },
): void {
  message.state = options.state;
  message.dueAtMs = options.untilMs;
  queue.depth[options.state] += 1;
  Deadlines.insert(queue.deadlines, message);
}

/** Takes a message out of its place, to be placed anew or forgotten. Its lane is the caller's business. */
export function unplace(queue: Queue, message: Message): void {
  Deadlines.remove(queue.deadlines, message);
  queue.depth[message.state === "ready" ? "visible" : message.state] -= 1;
}

export function erase(queue: Queue, message: Message): void {
  unplace(queue, message);
  queue.messageById.delete(message.id);
  if (message.state === "ready") {
    Lanes.discard(queue.lanes, message);
  } else if (message.state === "inFlight") {
    Lanes.release(queue.lanes, message);
  }
}

/** Lets happen what time has brought: hidden messages become ready, old ones go. */
export function settle(queue: Queue, nowMs: number): void {
  // Ends: each round erases a message, or makes it ready with a deadline that lies after `nowMs`.
  for (;;) {
    const message = Deadlines.firstDue(queue.deadlines, nowMs);
    if (message === undefined) {
      return;
    }
    if (expiresAtMs(queue, message) <= nowMs) {
      erase(queue, message);
      continue;
    }
    const wasInFlight = message.state === "inFlight";
    unplace(queue, message);
    placeReady(queue, message);
    if (wasInFlight) {
      // After it is ready again, so that its lane is never empty between and remembers when it was served.
      Lanes.release(queue.lanes, message);
    }
  }
}

/** New settings hold for messages that are already here, as far as they can still matter: retention and redrive. */
export function configure(queue: Queue, settings: QueueSettings, nowMs: number): void {
  queue.settings = settings;
  queue.modifiedAtMs = nowMs;
  for (const message of queue.messageById.values()) {
    if (message.state === "ready") {
      Deadlines.remove(queue.deadlines, message);
      message.dueAtMs = expiresAtMs(queue, message);
      Deadlines.insert(queue.deadlines, message);
    }
  }
  settle(queue, nowMs);
}

export function depth(queue: Queue, nowMs: number): Depth {
  settle(queue, nowMs);
  return { ...queue.depth };
}

/** When this queue next changes by itself; a waiting receiver has nothing to look for before. */
export function nextChangeAtMs(queue: Queue): number | null {
  return queue.deadlines.at(-1)?.dueAtMs ?? null;
}

function expiresAtMs(queue: Queue, message: Message): number {
  return message.sentAtMs + queue.settings.retentionSeconds * 1000;
}
