// Sliding one-minute windows (fact sheet §11), one per key; the caller makes the key from the token and
// the endpoint. A refused call does not count. Windows live in memory: a restart forgets a minute at most.

import type { Clock } from "./clock.ts";

export const windowMs = 60_000;
const keysMax = 10_000;

export type Admission = { isAdmitted: true } | { isAdmitted: false; retryAfterMs: number };

export type RateWindows = { admit(key: string, limit: number): Admission };

export function createRateWindows(clock: Clock): RateWindows {
  const callsByKey = new Map<string, number[]>();

  const forgetIdle = (nowMs: number) => {
    for (const [key, calls] of callsByKey) {
      if ((calls.at(-1) ?? 0) <= nowMs - windowMs) callsByKey.delete(key);
    }
  };

  return {
    admit: (key, limit) => {
      const nowMs = clock.nowMs();
      const recent = (callsByKey.get(key) ?? []).filter((atMs) => atMs > nowMs - windowMs);
      const first = recent[recent.length - limit];
      if (first !== undefined) {
        callsByKey.set(key, recent);
        return { isAdmitted: false, retryAfterMs: first + windowMs - nowMs };
      }
      callsByKey.set(key, [...recent, nowMs]);
      if (callsByKey.size > keysMax) forgetIdle(nowMs);
      return { isAdmitted: true };
    },
  };
}
