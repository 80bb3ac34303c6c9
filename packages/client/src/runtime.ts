/**
 * What the client needs of its surroundings: a clock, chance, sleep and the word of the browser on connectivity.
 *
 * Everything in this package that depends on time or chance takes a `Runtime`, so tests run whole uploads in
 * virtual time. `systemRuntime` is the only place that touches the real ones.
 */
export type Runtime = {
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  randomId(): string;
  /** Rejects with the signal's reason as soon as that aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Aborts after the time given. */
  deadline(durationMs: number): AbortSignal;
  /** Resolves at once, unless the browser knows that there is no network at all. */
  untilOnline(signal: AbortSignal): Promise<void>;
};

export function systemRuntime(): Runtime {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    randomId: () => crypto.randomUUID(),
    sleep,
    deadline: (durationMs) => AbortSignal.timeout(durationMs),
    untilOnline,
  };
}

function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
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

function untilOnline(signal: AbortSignal): Promise<void> {
  // Only `false` is reliable: `true` may still mean a network without a way out, and Node knows neither.
  const isOffline = typeof navigator !== "undefined" && navigator.onLine === false;
  if (!isOffline || typeof addEventListener === "undefined") return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = () => {
      removeEventListener("online", settle);
      signal.removeEventListener("abort", settle);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    addEventListener("online", settle);
    signal.addEventListener("abort", settle);
    if (signal.aborted) settle();
  });
}
