/**
 * A queue as SQS keeps it: a received message is hidden until it is deleted or its visibility ends, may arrive twice or
 * late or out of order, and moves to the dead letters once its receives are spent. Where the functions that take its
 * messages are limited, messages wait for a slot, and the group with the fewest in work goes first.
 */
import { assert } from "../src/errors/index.ts";
import type { Queue } from "../src/system/index.ts";
import type { ProcessEnd } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Delivery {
  /** Extra time until a message is delivered, and, for each duplicate, the time of that one. */
  lateMs(): number;
  duplicates(): number[];
}

export interface SimQueue extends Queue {
  deliver(body: string): void;
  /** Messages not deleted yet. */
  size(): number;
  /** Receives so far that were not a message's first. */
  redeliveries(): number;
}

export interface QueueOptions {
  visibilityMs: number;
  receivesMax: number | null;
  /** Messages in work at once; null: no limit. */
  slots: number | null;
  delivery: Delivery;
  /** Starts the function for one message. */
  consume(body: string, onEnd: (end: ProcessEnd) => void): void;
  /** Takes a message whose receives are spent. */
  bury(body: string): void;
}

interface Message {
  body: string;
  groupId: string;
  receives: number;
  isDeleted: boolean;
}

export function createSimQueue(scheduler: Scheduler, options: QueueOptions): SimQueue {
  const ready: Message[] = [];
  const inWorkByGroup = new Map<string, number>();
  let inWork = 0;
  let size = 0;
  let redeliveries = 0;

  const count = (message: Message, change: 1 | -1) => {
    inWork += change;
    inWorkByGroup.set(message.groupId, (inWorkByGroup.get(message.groupId) ?? 0) + change);
  };
  const drop = (message: Message) => {
    if (!message.isDeleted) size -= 1;
    message.isDeleted = true;
  };
  const receive = (message: Message) => {
    if (options.receivesMax !== null && message.receives >= options.receivesMax) {
      drop(message);
      options.bury(message.body);
      return;
    }
    message.receives += 1;
    if (message.receives > 1) redeliveries += 1;
    scheduler.later(options.visibilityMs, () => show(message));
    count(message, 1);
    options.consume(message.body, (end) => {
      count(message, -1);
      if (end === "done") drop(message);
      receiveMore();
    });
  };
  const receiveMore = () => {
    while (ready.length > 0 && (options.slots === null || inWork < options.slots)) {
      receive(takeNext(ready, inWorkByGroup));
    }
  };
  const show = (message: Message) => {
    if (message.isDeleted) return;
    ready.push(message);
    receiveMore();
  };
  const deliver = (given: { body: string; groupId: string }, delayMs: number) => {
    size += 1;
    const message = { ...given, receives: 0, isDeleted: false };
    scheduler.later(delayMs + options.delivery.lateMs(), () => show(message));
  };

  return {
    size: () => size,
    redeliveries: () => redeliveries,
    waiting: async () => ready.length,
    deliver: (body) => deliver({ body, groupId: "" }, 0),
    async send({ body, groupId, delaySeconds }) {
      deliver({ body, groupId }, delaySeconds * 1000);
      for (const lateMs of options.delivery.duplicates()) {
        deliver({ body, groupId }, delaySeconds * 1000 + lateMs);
      }
    },
  };
}

/** Takes the oldest message of the group that has the fewest in work. */
function takeNext(ready: Message[], inWorkByGroup: Map<string, number>): Message {
  let best = 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (const [index, { groupId }] of ready.entries()) {
    const inWork = inWorkByGroup.get(groupId) ?? 0;
    if (inWork < fewest) {
      best = index;
      fewest = inWork;
    }
  }
  const [message] = ready.splice(best, 1);
  assert(message, "somebody waits");
  return message;
}
