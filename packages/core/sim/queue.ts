/**
 * A queue as SQS keeps it: a received message is hidden until it is deleted or its visibility ends, may arrive twice or
 * late or out of order, and moves to the dead letters once its receives are spent.
 */
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
}

export interface QueueOptions {
  visibilityMs: number;
  receivesMax: number | null;
  delivery: Delivery;
  /** Starts the function for one message. */
  consume(body: string, onEnd: (end: ProcessEnd) => void): void;
  /** Takes a message whose receives are spent. */
  bury(body: string): void;
}

export function createSimQueue(scheduler: Scheduler, options: QueueOptions): SimQueue {
  let size = 0;

  const deliver = (body: string, delayMs: number) => {
    size += 1;
    let receives = 0;
    let isDeleted = false;
    const receive = () => {
      if (isDeleted) return;
      if (options.receivesMax !== null && receives >= options.receivesMax) {
        isDeleted = true;
        size -= 1;
        options.bury(body);
        return;
      }
      receives += 1;
      scheduler.later(options.visibilityMs, receive);
      options.consume(body, (end) => {
        if (end !== "done" || isDeleted) return;
        isDeleted = true;
        size -= 1;
      });
    };
    scheduler.later(delayMs + options.delivery.lateMs(), receive);
  };

  return {
    size: () => size,
    deliver: (body) => deliver(body, 0),
    async send({ body, delaySeconds }) {
      deliver(body, delaySeconds * 1000);
      for (const lateMs of options.delivery.duplicates()) {
        deliver(body, delaySeconds * 1000 + lateMs);
      }
    },
  };
}
