/**
 * A `Runtime` whose clock moves only when a test runs it: hours of backoff pass in milliseconds, in the same order
 * every time.
 */
import type { Runtime } from "../src/runtime.ts";

export type VirtualTime = {
  runtime: Runtime;
  /** The network comes or goes, and the platform knows it. */
  setOnline(isOnline: boolean): void;
  /** The person returns to the page. */
  comeBack(): void;
  /** Runs everything that is due until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** Runs everything that is due in the time given. */
  advance(durationMs: number): Promise<void>;
};

type Timer = { atMs: number; order: number; wake: () => void };

const stepsMax = 1_000_000;

export function createVirtualTime(random: () => number = () => 0.5): VirtualTime {
  let nowMs = 1_760_000_000_000;
  let order = 0;
  let idCount = 0;
  let isOnline = true;
  const listeners = new Set<() => void>();
  const timers = new Set<Timer>();

  const after = (durationMs: number, wake: () => void) => {
    order += 1;
    const timer = { atMs: nowMs + Math.max(0, durationMs), order, wake };
    timers.add(timer);
    return timer;
  };
  /** One turn of the event loop: all promise reactions that are ready have run after it. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const next = (): Timer | null => {
    let first: Timer | null = null;
    for (const timer of timers) {
      const isEarlier =
        first === null ||
        timer.atMs < first.atMs ||
        (timer.atMs === first.atMs && timer.order < first.order);
      if (isEarlier) first = timer;
    }
    return first;
  };
  const fire = (timer: Timer) => {
    timers.delete(timer);
    nowMs = timer.atMs;
    timer.wake();
  };

  return {
    runtime: {
      now: () => nowMs,
      random,
      randomId: () => `id-${++idCount}`,
      sleep: (durationMs, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const onAbort = () => {
            timers.delete(timer);
            reject(signal?.reason);
          };
          const timer = after(durationMs, () => {
            signal?.removeEventListener("abort", onAbort);
            resolve();
          });
          signal?.addEventListener("abort", onAbort, { once: true });
        }),
      deadline: (durationMs) => {
        const controller = new AbortController();
        after(durationMs, () => controller.abort(new DOMException("Late.", "TimeoutError")));
        return controller.signal;
      },
      isOnline: () => isOnline,
      onWake: (listener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    },
    setOnline: (value) => {
      isOnline = value;
      for (const listener of listeners) listener();
    },
    comeBack: () => {
      for (const listener of listeners) listener();
    },
    run: async (promise) => {
      let isSettled = false;
      promise.then(
        () => {
          isSettled = true;
        },
        () => {
          isSettled = true;
        },
      );
      for (let step = 0; step < stepsMax; step += 1) {
        await settle();
        if (isSettled) return promise;
        const timer = next();
        if (timer === null) throw new Error("Nothing is left that could settle the promise.");
        fire(timer);
      }
      throw new Error("The promise did not settle in a reasonable number of steps.");
    },
    advance: async (durationMs) => {
      const endMs = nowMs + durationMs;
      for (let step = 0; step < stepsMax; step += 1) {
        await settle();
        const timer = next();
        if (timer === null || timer.atMs > endMs) break;
        fire(timer);
      }
      nowMs = endMs;
      await settle();
    },
  };
}
