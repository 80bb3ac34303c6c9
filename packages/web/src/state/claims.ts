/**
 * Which tab uploads what: one claim per publication, held by at most one tab of this browser.
 *
 * Made of Web Locks, which the browser frees by itself when a tab closes or crashes, so that another one can take over.
 * A browser without them grants every claim; storage then gets parts twice, which harms nothing but the line.
 */
export type Claim = { release(): void };

export type Claims = {
  /** Null when another tab has it. */
  take(publicationId: string): Promise<Claim | null>;
  /** Waits for its turn. Rejects with the signal's reason. */
  wait(publicationId: string, signal: AbortSignal): Promise<Claim>;
};

export function createClaims(locks: Pick<LockManager, "request"> | undefined): Claims {
  const request = (publicationId: string, options: LockOptions): Promise<Claim | null> =>
    new Promise((resolve, reject) => {
      if (locks === undefined) return resolve({ release: () => {} });
      locks
        .request(`clipcast upload ${publicationId}`, options, (lock) => {
          if (lock === null) return resolve(null);
          // Held for as long as this promise is open.
          return new Promise<void>((end) => resolve({ release: () => end() }));
        })
        .catch(reject);
    });
  return {
    take: (publicationId) => request(publicationId, { ifAvailable: true }),
    wait: async (publicationId, signal) => {
      const claim = await request(publicationId, { signal });
      if (claim === null) throw new TypeError("A lock that was waited for must be granted.");
      return claim;
    },
  };
}
