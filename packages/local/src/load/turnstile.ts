/**
 * Where uploads wait until all of them are stored, so that all are submitted in one moment. Notes when each goes through:
 * from there on its creator waits for TikTok.
 */

export interface Turnstile {
  /** Makes the call when the turnstile is open and there is room. */
  through<Answer>(publicationId: string, call: () => Promise<Answer>): Promise<Answer>;
  open(): void;
  /** Null for one that has not gone through. */
  passedAtMs(publicationId: string): number | null;
}

/**
 * Calls under way at once. One machine runs 16 processes of a function, and what waits at the gateway for more than its
 * 30 s is asked again, which would only make the crowd larger.
 */
const width = 32;

export function createTurnstile(): Turnstile {
  const opened = Promise.withResolvers<void>();
  const atMsById = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let free = width;

  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async through(publicationId, call) {
      await opened.promise;
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      // A repeated request is the same submission.
      if (!atMsById.has(publicationId)) atMsById.set(publicationId, Date.now());
      try {
        return await call();
      } finally {
        leave();
      }
    },
    open: opened.resolve,
    passedAtMs: (publicationId) => atMsById.get(publicationId) ?? null,
  };
}
