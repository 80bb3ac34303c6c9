/** The simulation: the same life for the same seed, no promise broken, and every planted bug found. */
import { describe, expect, it } from "vitest";
import { hunt } from "../../sim/hunt.ts";
import { plants } from "../../sim/plants.ts";
import { runSeed } from "../../sim/run.ts";

const seeds = 100;
/** A bug that hides for longer than this would hide from an ordinary run too. */
const seedsMax = 400;

async function hashes(firstSeed: number, count: number): Promise<string[]> {
  const all: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    all.push((await runSeed(seed)).hash);
  }
  return all;
}

describe("a simulated life", { timeout: 120_000 }, () => {
  it("is the same for the same seed, and another for another", async () => {
    const first = await hashes(1, 20);
    expect(await hashes(1, 20)).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it("breaks no promise", async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { violations, tail } = await runSeed(seed);
      expect({ seed, violations, tail: violations.length > 0 ? tail : [] }).toEqual({
        seed,
        violations: [],
        tail: [],
      });
    }
  });

  it.each(Object.entries(plants))("finds a bug: %s", async (name, plant) => {
    const found = await hunt(plant, { seedsMax });
    expect(found, `${name} stays hidden for ${seedsMax} seeds`).not.toBeNull();
    console.info(`planted "${name}": found after ${found?.seeds} seeds, ${found?.violation}`);
  });
});
