/**
 * Every choice of a simulated life comes from here. The generator is sfc32: small, fast, and the same for the same seed
 * on every machine.
 */
import type { Random } from "../src/system/index.ts";

export interface Dice {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number, both ends inclusive. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** Turns taken before the first answer, so that neighbouring seeds have nothing in common. */
const warmUpTurns = 12;

export function createDice(seed: number): Dice {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let turn = 0; turn < warmUpTurns; turn += 1) draw();

  const dice: Dice = {
    next: () => draw() / 2 ** 32,
    int: (min, max) => min + Math.floor(dice.next() * (max - min + 1)),
    chance: (probability) => dice.next() < probability,
    pick: (list) => list[dice.int(0, list.length - 1)] ?? list[0],
  };
  return dice;
}

/** Ids and secrets. Not strong, which nobody inside of the simulation can tell. */
export function createDiceRandom(dice: Dice): Random {
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let index = 0; index < count; index += 1) bytes[index] = dice.int(0, 255);
      return bytes;
    },
  };
}
