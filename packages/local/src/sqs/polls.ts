/**
 * Receivers that wait for a message, and the one timer that serves them.
 *
 * Promises that a waiting receiver is answered as soon as a message is ready for it, in the order of asking, and at
 * the latest when its wait is over. Between two events nothing runs: the timer stands at the next moment at which any
 * queue with waiting receivers changes, or a wait ends.
 */
import type { Clock } from "./clock.ts";
import { overLimit } from "./errors.ts";
import type { Delivery } from "./queue.ts";
import { nextChangeAtMs, type Queue } from "./queue-state.ts";

export type Ask = { countMax: number; visibilitySeconds?: number };

/** What a receive finds now; `hasMoved` says that messages died into another queue on the way. */
export type Found = { deliveries: Delivery[]; hasMoved: boolean };

export type Polls = {
  /** Answers at once when there is something to receive or nothing to wait for. */
  receive: (
    queue: Queue,
    ask: Ask & { waitSeconds: number; signal?: AbortSignal },
  ) => Promise<Delivery[]>;
  /** To be called after anything that may have made a message ready. */
  serve: () => void;
  /** Answers every waiting receiver with nothing. */
  close: () => void;
};

type Poll = {
  queue: Queue;
  ask: Ask;
  endsAtMs: number;
  answer: (deliveries: Delivery[]) => void;
};

/** Enough for every consumer of a local run; a leak of connections shows instead of growing. */
const pollCountMax = 1000;

type Deps = { clock: Clock; find: (queue: Queue, ask: Ask) => Found };
type Waiting = Deps & { polls: Set<Poll>; cancelWake: () => void };

export function createPolls(deps: Deps): Polls {
  const waiting: Waiting = { ...deps, polls: new Set(), cancelWake: () => {} };
  return {
    async receive(queue, { waitSeconds, signal, ...ask }) {
      if (signal?.aborted) {
        return [];
      }
      const found = deps.find(queue, ask);
      if (found.hasMoved) {
        serve(waiting);
      }
      if (found.deliveries.length > 0 || waitSeconds === 0) {
        return found.deliveries;
      }
      const endsAtMs = deps.clock.nowMs() + waitSeconds * 1000;
      return wait(waiting, { queue, ask, endsAtMs }, signal);
    },
    serve: () => serve(waiting),
    close() {
      for (const poll of waiting.polls) {
        poll.answer([]);
      }
      waiting.polls.clear();
      arm(waiting);
    },
  };
}

function wait(
  waiting: Waiting,
  request: Omit<Poll, "answer">,
  signal: AbortSignal | undefined,
): Promise<Delivery[]> {
  if (waiting.polls.size >= pollCountMax) {
    throw overLimit(`More than ${pollCountMax} receivers are waiting.`);
  }
  return new Promise((answer) => {
    const poll: Poll = { ...request, answer };
    waiting.polls.add(poll);
    signal?.addEventListener("abort", () => {
      if (waiting.polls.delete(poll)) {
        answer([]);
        arm(waiting);
      }
    });
    arm(waiting);
  });
}

function serve(waiting: Waiting): void {
  // A message that dies may be what a receiver of another queue waits for, hence the rounds. Each further round
  // needs a message that moved on to its dead-letter queue, and chains of those are no longer than the receivers.
  const roundsMax = waiting.polls.size + 1;
  for (let round = 0; round < roundsMax; round += 1) {
    if (!serveOnce(waiting)) {
      break;
    }
  }
  arm(waiting);
}

/** Answers whoever can be answered now; true when messages have died into another queue. */
function serveOnce(waiting: Waiting): boolean {
  let hasMoved = false;
  for (const poll of [...waiting.polls]) {
    const found = waiting.find(poll.queue, poll.ask);
    hasMoved ||= found.hasMoved;
    if (found.deliveries.length > 0 || poll.endsAtMs <= waiting.clock.nowMs()) {
      waiting.polls.delete(poll);
      poll.answer(found.deliveries);
    }
  }
  return hasMoved;
}

function arm(waiting: Waiting): void {
  waiting.cancelWake();
  waiting.cancelWake = () => {};
  let atMs = Number.POSITIVE_INFINITY;
  for (const poll of waiting.polls) {
    atMs = Math.min(atMs, poll.endsAtMs, nextChangeAtMs(poll.queue) ?? atMs);
  }
  if (Number.isFinite(atMs)) {
    waiting.cancelWake = waiting.clock.wakeAt(atMs, () => serve(waiting));
  }
}
