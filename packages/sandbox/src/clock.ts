// The only clock of the sandbox. Everything that expires, slides, settles or retries asks it, so a test
// can run a day of TikTok in a millisecond by passing its own.

export type Clock = {
  nowMs(): number;
  /** Runs once after the delay; the returned function cancels it. */
  setTimer(delayMs: number, run: () => void): () => void;
};

// Node treats a longer delay as 1 ms. A clamped timer fires early, and every caller checks what is due.
const timerDelayMaxMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), timerDelayMaxMs));
    return () => clearTimeout(timer);
  },
};

export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(delayMs, resolve));
}
