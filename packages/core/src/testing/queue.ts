/** A queue that holds its messages until a test takes them. */
import { assert } from "../errors/index.ts";
import { type Clock, type Queue, queueDelaySecondsMax } from "../system/index.ts";

export interface QueuedMessage {
  body: string;
  groupId: string;
  visibleAtMs: number;
}

export interface MemoryQueue extends Queue {
  /** Everything that waits, delayed or not. */
  messages: QueuedMessage[];
  /** Removes and answers the messages that are visible now. */
  take(): QueuedMessage[];
}

export function createMemoryQueue(deps: { clock: Clock }): MemoryQueue {
  const isVisible = ({ visibleAtMs }: QueuedMessage) => visibleAtMs <= deps.clock.nowMs();
  const queue: MemoryQueue = {
    messages: [],
    async send({ body, groupId, delaySeconds }) {
      assert(delaySeconds <= queueDelaySecondsMax, "SQS takes the delay");
      const visibleAtMs = deps.clock.nowMs() + delaySeconds * 1000;
      queue.messages.push({ body, groupId, visibleAtMs });
    },
    waiting: async () => queue.messages.filter(isVisible).length,
    take() {
      const visible = queue.messages.filter(isVisible);
      queue.messages = queue.messages.filter((message) => !isVisible(message));
      return visible;
    },
  };
  return queue;
}
