/**
 * A gate that a person opens and closes: work waits at it, and work under way is interrupted when it closes.
 */
export type Pause = {
  readonly isPaused: boolean;
  /** Aborts with `pauseReason` when the gate closes. A new signal after each opening. */
  readonly signal: AbortSignal;
  pause(): void;
  resume(): void;
  /** Resolves while the gate is open. */
  whenOpen(signal: AbortSignal): Promise<void>;
};

export const pauseReason = new DOMException("Paused.", "AbortError");

export function createPause(): Pause {
  let interruption = new AbortController();
  const waiting = new Set<() => void>();
  return {
    get isPaused() {
      return interruption.signal.aborted;
    },
    get signal() {
      return interruption.signal;
    },
    pause: () => interruption.abort(pauseReason),
    resume: () => {
      if (!interruption.signal.aborted) return;
      interruption = new AbortController();
      for (const open of waiting) open();
      waiting.clear();
    },
    whenOpen: (signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      if (!interruption.signal.aborted) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiting.delete(open);
          reject(signal.reason);
        };
        const open = () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(open);
      });
    },
  };
}
