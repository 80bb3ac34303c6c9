/**
 * What keeps an upload from moving, and who may go on when it ends.
 *
 * Paused or offline, nothing is sent: attempts under way are interrupted and do not count. Without a session the parts that
 * have a URL still go; only calls to the backend wait. A failed attempt waits by itself. Whatever changes is told by `onChange`.
 */
import { createBell } from "./bell.ts";
import type { Runtime } from "./runtime.ts";

export type Hold =
  /** By the person, until `resume()`. */
  | { reason: "paused" }
  /** The browser knows of no network; goes on by itself. */
  | { reason: "offline" }
  /** Goes on by itself once the person has signed in again, in whatever tab; `resume()` asks at once. */
  | { reason: "session_expired" }
  /** Everything under way failed and waits for its next attempt; `resume()` makes it now. */
  | { reason: "retrying"; nextAttemptAtMs: number };

export type Holds = {
  /** Aborts with `heldReason` when nothing may be sent any more. A new signal after each opening. */
  readonly signal: AbortSignal;
  readonly isClosed: boolean;
  readonly isOffline: boolean;
  readonly hold: Hold | null;
  /** Whether bytes are on their way at this moment. */
  readonly isMoving: boolean;
  pause(): void;
  resume(): void;
  whenOpen(signal: AbortSignal): Promise<void>;
  whenOnline(signal: AbortSignal): Promise<void>;
  /** Waits for another attempt; ended early by `resume()`, by the network's return, and by a closing. */
  backOff(durationMs: number, signal: AbortSignal): Promise<void>;
  /** The session is over until the function returned is called. */
  sessionOver(): () => void;
  /** Waits until the person may have signed in, for so long at most. */
  untilWoken(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Bytes are being sent until the function returned is called. */
  moving(): () => void;
  /** Stops listening to the surroundings. */
  end(): void;
};

export const heldReason = new DOMException("Held.", "AbortError");
const wokenReason = new DOMException("Woken.", "AbortError");

export function createHolds(
  runtime: Runtime,
  told: { onOpen: () => void; onChange: () => void },
): Holds {
  let isPaused = false;
  let isOffline = !runtime.isOnline();
  const expired = createTally(told.onChange);
  const moving = createTally(told.onChange);
  let interruption = new AbortController();
  const opened = createBell();
  const sleepers = createSleepers(runtime);
  const attempts = new Set<{ atMs: number }>();

  const settle = () => {
    const isClosed = isPaused || isOffline;
    if (isClosed !== interruption.signal.aborted) {
      if (isClosed) interruption.abort(heldReason);
      else {
        interruption = new AbortController();
        told.onOpen();
      }
    }
    opened.ring();
    sleepers.wake();
    told.onChange();
  };
  if (isOffline) interruption.abort(heldReason);
  const end = runtime.onWake(() => {
    isOffline = !runtime.isOnline();
    settle();
  });

  const read = (): Hold | null => {
    if (isPaused) return { reason: "paused" };
    if (isOffline) return { reason: "offline" };
    if (expired.count > 0) return { reason: "session_expired" };
    return moving.count > 0 ? null : nextAttempt(attempts);
  };
  const whenNot = async (isHeld: () => boolean, signal: AbortSignal) => {
    signal.throwIfAborted();
    while (isHeld()) await opened.next(signal);
  };

  return {
    get signal() {
      return interruption.signal;
    },
    get isClosed() {
      return interruption.signal.aborted;
    },
    get isOffline() {
      return isOffline;
    },
    get hold() {
      return read();
    },
    get isMoving() {
      return moving.count > 0;
    },
    pause: () => {
      isPaused = true;
      settle();
    },
    resume: () => {
      isPaused = false;
      settle();
    },
    whenOpen: (signal) => whenNot(() => interruption.signal.aborted, signal),
    whenOnline: (signal) => whenNot(() => isOffline, signal),
    backOff: async (durationMs, signal) => {
      const attempt = { atMs: runtime.now() + durationMs };
      attempts.add(attempt);
      told.onChange();
      try {
        if (!interruption.signal.aborted) await sleepers.sleep(durationMs, signal);
      } finally {
        attempts.delete(attempt);
        told.onChange();
      }
    },
    sessionOver: expired.add,
    untilWoken: sleepers.sleep,
    moving: moving.add,
    end,
  };
}

function nextAttempt(attempts: ReadonlySet<{ atMs: number }>): Hold | null {
  if (attempts.size === 0) return null;
  return {
    reason: "retrying",
    nextAttemptAtMs: Math.min(...[...attempts].map(({ atMs }) => atMs)),
  };
}

/** How many are at it; each ends with the function that `add` returned. */
function createTally(onChange: () => void) {
  let count = 0;
  const change = (step: 1 | -1) => {
    count += step;
    onChange();
  };
  return {
    get count() {
      return count;
    },
    add: () => {
      change(1);
      return () => change(-1);
    },
  };
}

/** Sleep that ends early, and quietly, when somebody calls. */
function createSleepers(runtime: Pick<Runtime, "sleep">) {
  const sleeping = new Set<AbortController>();
  return {
    wake: () => {
      for (const sleeper of sleeping) sleeper.abort(wokenReason);
    },
    sleep: async (durationMs: number, signal: AbortSignal): Promise<void> => {
      const woken = new AbortController();
      sleeping.add(woken);
      try {
        await runtime.sleep(durationMs, AbortSignal.any([signal, woken.signal]));
      } catch (error) {
        if (error !== wokenReason) throw error;
      } finally {
        sleeping.delete(woken);
      }
    },
  };
}
