/** A clock that moves only when a test says so, waking whoever asked on the way. */
import type { Clock } from "../../src/sqs/clock.ts";

export type ManualClock = Clock & {
  /** Moves time forward, waking in order of time. */
  advance: (ms: number) => void;
  /** Resolves once somebody has asked to be woken, so that time may move on. */
  asked: () => Promise<void>;
};

export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let nowMs = startMs;
  let onAsked = () => {};
  const pending = new Set<{ atMs: number; wake: () => void }>();
  return {
    nowMs: () => nowMs,
    wakeAt(atMs, wake) {
      const entry = { atMs, wake };
      pending.add(entry);
      onAsked();
      return () => pending.delete(entry);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = [...pending]
          .filter((entry) => entry.atMs <= untilMs)
          .sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) {
          break;
        }
        pending.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
      nowMs = untilMs;
    },
    asked: () =>
      new Promise((resolve) => {
        onAsked = resolve;
        if (pending.size > 0) {
          resolve();
        }
      }),
  };
}
