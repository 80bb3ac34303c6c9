/**
 * What the client needs of its surroundings: a clock, chance, sleep and the word of the browser on connectivity.
 *
 * Everything in this package that depends on time or chance takes a `Runtime`, so tests run whole uploads in
 * virtual time. `systemRuntime` is the only place that touches the real ones.
 */
import { createBell } from "./bell.ts";

export type Runtime = {
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  randomId(): string;
  /** Rejects with the signal's reason as soon as that aborts. No time at all lets others have their turn. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Aborts after the time given. */
  deadline(durationMs: number): AbortSignal;
  /** False only when the platform knows that there is no network at all. */
  isOnline(): boolean;
  /**
   * Calls back whenever something may have got better, or worse: the network came or went, the person returned to the
   * page. Returns the function that ends it.
   */
  onWake(listener: () => void): () => void;
};

export function systemRuntime(): Runtime {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    randomId: () => crypto.randomUUID(),
    sleep,
    deadline: (durationMs) => AbortSignal.timeout(durationMs),
    isOnline,
    onWake,
  };
}

/** Timers of no length wait 4 ms when they follow one another; a browser that knows `yield` comes back at once. */
type Yielding = { scheduler?: { yield?: () => Promise<void> } };
/** A turn that is never given back must not hold an upload for ever; a busy page takes tens of milliseconds. */
const turnMsMax = 1_000;

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  const { scheduler } = globalThis as Yielding;
  if (durationMs === 0 && !signal?.aborted && scheduler?.yield) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, turnMsMax);
      void scheduler.yield?.().then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, durationMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function isOnline(): boolean {
  // Only `false` is reliable: `true` may still mean a network without a way out, and Node knows neither.
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

function onWake(listener: () => void): () => void {
  if (typeof addEventListener === "undefined") return () => {};
  const names = ["online", "offline", "focus", "pageshow"];
  for (const name of names) addEventListener(name, listener);
  return () => {
    for (const name of names) removeEventListener(name, listener);
  };
}

/** Resolves at once, unless the platform knows that there is no network at all. */
export async function untilOnline(runtime: Runtime, signal: AbortSignal): Promise<void> {
  if (runtime.isOnline()) return;
  const woken = createBell();
  const end = runtime.onWake(woken.ring);
  try {
    while (!runtime.isOnline()) await woken.next(signal);
  } finally {
    end();
  }
}
