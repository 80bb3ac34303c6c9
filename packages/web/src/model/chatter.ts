/**
 * Decides when a screen reader is told something: every change once, the latest of each thing only, and never more than
 * one announcement in ten seconds, so that progress does not drown whatever the creator is doing.
 */
export type Chatter = {
  /** Takes what is true now, by thing; answers what to say, or when to ask again. */
  hear(
    now: ReadonlyMap<string, string>,
    nowMs: number,
  ): { say: readonly string[]; askAgainMs: number | null };
};

export const silenceMs = 10_000;

export function createChatter(): Chatter {
  const known = new Map<string, string>();
  const pending = new Map<string, string>();
  let spokeAtMs = Number.NEGATIVE_INFINITY;
  return {
    hear: (now, nowMs) => {
      for (const [thing, sentence] of now) {
        const before = known.get(thing);
        known.set(thing, sentence);
        // What was there when it was first seen is no news.
        if (before !== undefined && before !== sentence) pending.set(thing, sentence);
      }
      if (pending.size === 0) return { say: [], askAgainMs: null };
      const leftMs = spokeAtMs + silenceMs - nowMs;
      if (leftMs > 0) return { say: [], askAgainMs: leftMs };
      const say = [...pending.values()];
      pending.clear();
      spokeAtMs = nowMs;
      return { say, askAgainMs: null };
    },
  };
}
