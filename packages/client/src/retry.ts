/**
 * When to try again, and after how long: exponential backoff with full jitter, bounded.
 *
 *   attempt   1        2          3            4 …                  attemptsMax
 *   wait      0 … base 0 … base·2 0 … base·4   …  never above capMs  → the last error is thrown
 *
 * Full jitter, because many parts fail at the same moment and must not come back at the same moment. A wait that
 * the server asks for is a floor. Neither a known lack of network nor a session that is over spends attempts.
 */
import { ApiError, NetworkError } from "./errors.ts";
import type { Holds } from "./hold.ts";
import type { Runtime } from "./runtime.ts";

export type RetryPolicy = { attemptsMax: number; baseMs: number; capMs: number };

/** Rides out a cut of about two and a half minutes, and is back within 20 s of its end. */
export const patientRetry: RetryPolicy = { attemptsMax: 20, baseMs: 500, capMs: 20_000 };

/** Asks again that often whether the person has signed in somewhere; sooner when they come back to the page. */
const sessionPollMs = 15_000;

export function backoffMs(
  runtime: Pick<Runtime, "random">,
  policy: RetryPolicy,
  attempt: number,
  floorMs = 0,
): number {
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(floorMs, Math.round(runtime.random() * ceilingMs));
}

export type Patience = {
  runtime: Runtime;
  retry: RetryPolicy;
  /** How long to wait for the person to sign in again; 0 fails at once. */
  sessionPatienceMs: number;
  holds: Pick<Holds, "backOff" | "isOffline" | "whenOnline" | "sessionOver" | "untilWoken">;
  signal: AbortSignal;
};

/** Calls the backend until it answers, tells that it never will, or patience and attempts are spent. */
export async function callPatiently<T>(context: Patience, call: () => Promise<T>): Promise<T> {
  const { runtime, retry, holds, signal, sessionPatienceMs } = context;
  let failedCount = 0;
  let session: { sinceMs: number; isBack: () => void } | null = null;
  try {
    // Each turn spends an attempt or waits for the person or the network, which the signal ends.
    for (;;) {
      signal.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        const isKnown = error instanceof ApiError || error instanceof NetworkError;
        if (!isKnown) throw error;
        if (error instanceof ApiError && error.status === 401) {
          session ??= { sinceMs: runtime.now(), isBack: holds.sessionOver() };
          if (runtime.now() - session.sinceMs >= sessionPatienceMs) throw error;
          await holds.untilWoken(sessionPollMs, signal);
        } else if (error instanceof NetworkError && holds.isOffline) {
          await holds.whenOnline(signal);
        } else {
          failedCount += 1;
          if (!error.isRetryable || failedCount >= retry.attemptsMax) throw error;
          const floorMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
          await holds.backOff(backoffMs(runtime, retry, failedCount, floorMs), signal);
        }
      }
    }
  } finally {
    session?.isBack();
  }
}
