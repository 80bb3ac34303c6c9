/** Wakes those who wait for something to change; what changed they see for themselves. */
export type Bell = {
  ring(): void;
  /** Resolves at the next ring; rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<void>;
};

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring: () => {
      for (const wake of [...waiting]) wake();
    },
    next: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          waiting.delete(wake);
          reject(signal.reason);
        };
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(wake);
      }),
  };
}
