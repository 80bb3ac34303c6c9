/**
 * A clock that moves only when told. `run` lets code work until it waits, then jumps to the next moment that somebody
 * waits for; hours of waiting pass in milliseconds and always in the same order.
 */
import { assert } from "../errors/index.ts";
import type { Clock } from "../system/index.ts";

export interface ManualClock extends Clock {
  /** Moves time on, waking sleepers in order. */
  advance(durationMs: number): Promise<void>;
  /** Runs until `work` has ended, jumping to the next wake-up whenever everything waits. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  atMs: number;
  order: number;
  wake: () => void;
}

/** A run that needs more wake-ups than this waits for something that will not come. */
const wakesMax = 1_000_000;

export function createManualClock(startMs = 1_800_000_000_000): ManualClock {
  let nowMs = startMs;
  let order = 0;
  let sleepers: Sleeper[] = [];

  const next = () =>
    sleepers.reduce<Sleeper | null>(
      (first, sleeper) =>
        first === null ||
        sleeper.atMs < first.atMs ||
        (sleeper.atMs === first.atMs && sleeper.order < first.order)
          ? sleeper
          : first,
      null,
    );
  const wakeNext = (sleeper: Sleeper) => {
    sleepers = sleepers.filter((other) => other !== sleeper);
    nowMs = Math.max(nowMs, sleeper.atMs);
    sleeper.wake();
  };

  return {
    nowMs: () => nowMs,
    wait(delayMs, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        order += 1;
        const sleeper: Sleeper = { atMs: nowMs + delayMs, order, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            resolve();
          },
          { once: true },
        );
      });
    },
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      await quiet();
      for (let sleeper = next(); sleeper !== null && sleeper.atMs <= untilMs; sleeper = next()) {
        wakeNext(sleeper);
        await quiet();
      }
      nowMs = untilMs;
    },
    async run(work) {
      let isOver = false;
      const ended = work.finally(() => {
        isOver = true;
      });
      // The caller gets the failure from `ended`; this only keeps it from counting as unhandled meanwhile.
      ended.catch(() => undefined);
      for (let wakes = 0; wakes < wakesMax; wakes += 1) {
        await quiet();
        if (isOver) return ended;
        const sleeper = next();
        assert(sleeper, "work that has not ended waits for a time");
        wakeNext(sleeper);
      }
      assert(false, "work ends");
    },
  };
}

/** In-memory ports work in microtasks and ticks, all of which have run before the next turn of the loop. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
