import { describe, expect, it } from "vitest";
import { planJobs, planKills } from "../../src/chaos/plan.ts";

const options = { seed: 1, kills: 200, hostKills: 10, pauseMs: 1_000 };
const jobs = { seed: 1, publications: 100, creators: 10, largeMin: 1 };

describe("the plan of a run", () => {
  it("is the same for the same seed and another for another", () => {
    expect(planKills(options)).toEqual(planKills(options));
    expect(planKills({ ...options, seed: 2 })).not.toEqual(planKills(options));
    expect(planJobs(jobs)).toEqual(planJobs(jobs));
    expect(planJobs({ ...jobs, seed: 2 })).not.toEqual(planJobs(jobs));
  });

  it.each([1, 2, 3, 4, 5])(
    "kills every kind of process with seed %i, and so many hosts",
    (seed) => {
      const victims = planKills({ ...options, seed }).map(({ victim }) => victim);
      expect(victims).toHaveLength(200);
      expect(victims.filter((victim) => victim === "host")).toHaveLength(10);
      expect(new Set(victims)).toEqual(new Set(["Relay", "Api", "Check", "Poller", "host"]));
      expect(() => planKills({ ...options, seed, kills: 9 })).toThrow(RangeError);
    },
  );

  it("gives each video a size of its own, some of them two chunks", () => {
    const sizes = planJobs(jobs).map(({ bytes }) => bytes);
    expect(new Set(sizes).size).toBe(100);
    expect(sizes.filter((bytes) => bytes > 64_000_000)).toHaveLength(10);
    const few = planJobs({ ...jobs, publications: 12, largeMin: 2 });
    expect(few.filter(({ bytes }) => bytes > 64_000_000)).toHaveLength(2);
  });

  it("lets some creators cancel, at the beginning, soon after and later", () => {
    const cancellations = planJobs(jobs).flatMap(({ cancellation }) => cancellation ?? []);
    expect(cancellations.length).toBeGreaterThan(10);
    expect(cancellations.length).toBeLessThan(35);
    expect(new Set(cancellations.map(({ isEarly }) => isEarly)).size).toBe(2);
    const lateMs = cancellations.filter(({ isEarly }) => !isEarly).map(({ afterMs }) => afterMs);
    expect(Math.min(...lateMs)).toBeLessThan(400);
    expect(Math.max(...lateMs)).toBeGreaterThan(1_000);
  });
});
