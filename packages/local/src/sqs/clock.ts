/**
 * The time that the queues live by: what the clock says, and a way to be woken.
 *
 * The queues ask for one wake-up at a time, the next moment at which something can change for a waiting receiver.
 * Tests pass a clock that they turn by hand, so no test waits for real time.
 */

export type Clock = {
  nowMs: () => number;
  /** Calls `wake` once, around `atMs`; the returned function cancels. An early wake-up is harmless. */
  wakeAt: (atMs: number, wake: () => void) => () => void;
};

/** Node fires a longer timer at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const timerMsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  wakeAt: (atMs, wake) => {
    const delayMs = Math.min(Math.max(atMs - Date.now(), 0), timerMsMax);
    const timer = setTimeout(wake, delayMs);
    // The open server keeps the process alive; a pending wake-up alone must not.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
