/** Looks for a planted bug: how many seeds, or which fault point, it takes until a promise is seen broken. */
import { breakScenario } from "./breaking.ts";
import { runSeed } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import type { Plant } from "./world.ts";

export interface Catch {
  /** Seeds that were needed, the finding one included. */
  seeds: number;
  violation: string;
}

/** Null when no seed finds it. */
export async function hunt(plant: Plant, options: { seedsMax: number }): Promise<Catch | null> {
  for (let seed = 1; seed <= options.seedsMax; seed += 1) {
    const [violation] = (await runSeed(seed, { plant })).violations;
    if (violation !== undefined) return { seeds: seed, violation };
  }
  return null;
}

/** The violations that the fault points of some scenarios find. */
export async function huntByFaults(
  plant: Plant,
  scenarios: readonly Scenario[],
): Promise<string[]> {
  const found: string[] = [];
  for (const scenario of scenarios) {
    const { violations } = await breakScenario(scenario, { plant });
    for (const { call, fault, violation } of violations) {
      found.push(`${scenario.name}, ${fault ?? "no fault"} at ${call}: ${violation}`);
    }
  }
  return found;
}
