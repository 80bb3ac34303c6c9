/**
 * How many parts may be on the wire at once.
 *
 * Several uploads may share one `Slots`, so that ten videos do not open sixty connections, and `limit` may be
 * changed while parts are under way: raised, it takes effect at once; lowered, as slots come back.
 */
export type Slots = {
  limit: number;
  /** Resolves to the function that gives the slot back; first come, first served. */
  take(signal: AbortSignal): Promise<() => void>;
};

export function createSlots(initialLimit: number): Slots {
  let limit = initialLimit;
  let takenCount = 0;
  const waiting = new Set<() => void>();

  const admit = () => {
    for (const grant of waiting) {
      if (takenCount >= limit) return;
      waiting.delete(grant);
      takenCount += 1;
      grant();
    }
  };
  const release = () => {
    takenCount -= 1;
    admit();
  };

  return {
    get limit() {
      return limit;
    },
    set limit(value) {
      limit = value;
      admit();
    },
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          waiting.delete(grant);
          reject(signal.reason);
        };
        const grant = () => {
          signal.removeEventListener("abort", onAbort);
          resolve(release);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(grant);
        admit();
      }),
  };
}
