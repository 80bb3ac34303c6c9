/** Every fault at every call of every scenario: what `faults` prints, held as a test. */
import { describe, expect, it } from "vitest";
import { breakScenario } from "../../sim/breaking.ts";
import { huntByFaults } from "../../sim/hunt.ts";
import { plants } from "../../sim/plants.ts";
import { scenarios } from "../../sim/scenarios.ts";

describe("every fault", { timeout: 120_000 }, () => {
  it.each(scenarios)("breaks no promise: $name", async (scenario) => {
    const { calls, violations } = await breakScenario(scenario);
    expect(calls).toBeGreaterThan(0);
    expect(violations).toEqual([]);
  });

  it.each([
    ["init again after bytes", "relay of 7 chunks"],
    ["forget the video", "status by quick check"],
    ["store the older pair", "refresh"],
  ] as const)("finds a bug: %s", async (plant, name) => {
    const chosen = scenarios.filter((scenario) => scenario.name === name);
    expect(await huntByFaults(plants[plant], chosen)).not.toEqual([]);
  });
});
