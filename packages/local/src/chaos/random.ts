/** Chance that can be had again: one seed, one sequence (mulberry32, public domain). */

export interface Dice {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform among 0 to `count` - 1. */
  below(count: number): number;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (count) => Math.floor(next() * count) };
}
