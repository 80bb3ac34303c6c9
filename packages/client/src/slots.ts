/**
 * How many parts may be on the wire at once.
 *
 * Several uploads may share one `Slots`, so that ten videos do not open sixty connections; a free slot goes to the upload
 * that holds the fewest, so that none waits for another. `limit` may be changed while parts are under way: raised,
 * it takes effect at once; lowered, as slots come back.
 */
export type Slots = {
  limit: number;
  readonly takenCount: number;
  readonly waitingCount: number;
  /** Resolves to the function that gives the slot back. Among equals, first come, first served. */
  take(signal: AbortSignal, owner?: object): Promise<() => void>;
};

type Claim = { owner: object; grant: () => void };

export function createSlots(initialLimit: number): Slots {
  const nobody = {};
  let limit = initialLimit;
  let takenCount = 0;
  const countByOwner = new Map<object, number>();
  const waiting = new Set<Claim>();

  const countOf = (owner: object) => countByOwner.get(owner) ?? 0;
  const change = (owner: object, step: 1 | -1) => {
    takenCount += step;
    const count = countOf(owner) + step;
    if (count === 0) countByOwner.delete(owner);
    else countByOwner.set(owner, count);
  };
  const next = (): Claim | null => {
    let first: Claim | null = null;
    for (const claim of waiting) {
      if (first === null || countOf(claim.owner) < countOf(first.owner)) first = claim;
    }
    return first;
  };
  const admit = () => {
    while (takenCount < limit) {
      const claim = next();
      if (claim === null) return;
      waiting.delete(claim);
      change(claim.owner, 1);
      claim.grant();
    }
  };

  return {
    get limit() {
      return limit;
    },
    set limit(value) {
      limit = value;
      admit();
    },
    get takenCount() {
      return takenCount;
    },
    get waitingCount() {
      return waiting.size;
    },
    take: (signal, owner = nobody) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const release = () => {
          change(owner, -1);
          admit();
        };
        const claim: Claim = {
          owner,
          grant: () => {
            signal.removeEventListener("abort", onAbort);
            resolve(release);
          },
        };
        const onAbort = () => {
          waiting.delete(claim);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.add(claim);
        admit();
      }),
  };
}
