/**
 * Making room: at a chunk boundary a relay that has had its share gives its slot to whoever waits in the queue, and goes
 * on in a message of its own. It never does so at the price of its upload URL.
 */
import type { Clock } from "../system/index.ts";
import type { Hold } from "./hold.ts";
import type { QueueDeps } from "./messages.ts";
import { uploadUrlLifetimeMs } from "./task.ts";

/** Less than this is not worth the second invocation; a single chunk may take longer. */
const shareMs = 30_000;
/** Relays at once: RelayQueue's concurrency in infra/relay.ts, which must be the same. */
export const relaySlots = 10;
/** Lambda's longest invocation: the longest that another relay may stay in a slot. */
const invocationMaxMs = 900_000;

export interface Share {
  /** Asks the queue who waits. The bytes do not wait for its answer. */
  ask(): void;
  /** Whether this relay should stop at the chunk boundary that it has come to. */
  isUp(): boolean;
}

/** From here on counts what this invocation has sent. */
export function beginShare(
  deps: Pick<QueueDeps, "relayQueue"> & { clock: Clock },
  hold: Pick<Hold, "current">,
): Share {
  const beganMs = deps.clock.nowMs();
  const firstByte = hold.current().task?.confirmedBytes ?? 0;
  let waiting = 0;
  const hear = (count: number) => {
    waiting = count;
  };
  return {
    ask() {
      // Only a hint: without an answer nobody is known to wait.
      deps.relayQueue.waiting().then(hear, () => hear(0));
    },
    isUp() {
      const { task, file } = hold.current();
      if (task === null || task.confirmedBytes === file.bytes) return false;
      const nowMs = deps.clock.nowMs();
      return shouldMakeRoom({
        waiting,
        sentMs: nowMs - beganMs,
        sentBytes: task.confirmedBytes - firstByte,
        restBytes: file.bytes - task.confirmedBytes,
        urlRestMs: task.issuedAtMs + uploadUrlLifetimeMs - nowMs,
      });
    },
  };
}

/**
 * Pure. In the worst case everybody who waits takes a slot for a whole invocation, ten at a time; what is left to send
 * must fit twice into the URL's remaining life after that. So a long backlog is worked off video by video, and only a
 * short one is shared.
 */
export function shouldMakeRoom(given: {
  waiting: number;
  sentMs: number;
  sentBytes: number;
  restBytes: number;
  urlRestMs: number;
}): boolean {
  const { waiting, sentMs, sentBytes, restBytes, urlRestMs } = given;
  if (waiting === 0 || sentMs < shareMs || sentBytes === 0) return false;
  const awayMs = Math.ceil(waiting / relaySlots) * invocationMaxMs;
  return urlRestMs >= awayMs + 2 * restBytes * (sentMs / sentBytes);
}
