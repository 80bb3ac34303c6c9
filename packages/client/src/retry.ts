/**
 * When to try again, and after how long: exponential backoff with full jitter, bounded.
 *
 *   attempt   1        2          3            4 …                  attemptsMax
 *   wait      0 … base 0 … base·2 0 … base·4   …  never above capMs  → the last error is thrown
 *
 * Full jitter, because many parts fail at the same moment and must not come back at the same moment. A wait that
 * the server asks for is a floor.
 */
import { ApiError, NetworkError } from "./errors.ts";
import type { Runtime } from "./runtime.ts";

export type RetryPolicy = { attemptsMax: number; baseMs: number; capMs: number };

/** Rides out a cut of about two and a half minutes, and is back within 20 s of its end. */
export const patientRetry: RetryPolicy = { attemptsMax: 20, baseMs: 500, capMs: 20_000 };

export function backoffMs(
  runtime: Pick<Runtime, "random">,
  policy: RetryPolicy,
  attempt: number,
  floorMs = 0,
): number {
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(floorMs, Math.round(runtime.random() * ceilingMs));
}

/** Calls the backend until it answers, tells that it never will, or the attempts are spent. */
export async function callPatiently<T>(
  context: { runtime: Runtime; retry: RetryPolicy; signal: AbortSignal },
  call: () => Promise<T>,
): Promise<T> {
  const { runtime, retry, signal } = context;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      const isKnown = error instanceof ApiError || error instanceof NetworkError;
      if (!isKnown || !error.isRetryable || attempt >= retry.attemptsMax) throw error;
      const floorMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      await runtime.untilOnline(signal);
      await runtime.sleep(backoffMs(runtime, retry, attempt, floorMs), signal);
    }
  }
}
