import { createWorld, openId, userId } from "@clipcast/core/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RatedCall, takePlace } from "../../src/publishing/rate.ts";

const owner = { userId, openId };
const windowMs = 60_000;
/** TikTok's limits a minute and user token: direct post and status fetch references. */
const limits: Record<RatedCall, number> = { init: 6, status: 30 };

/** The most calls in any window of a minute. */
function busiestMinute(takenAtMs: number[]): number {
  const counts = takenAtMs.map(
    (endMs) => takenAtMs.filter((atMs) => atMs > endMs - windowMs && atMs <= endMs).length,
  );
  return Math.max(0, ...counts);
}

describe("takePlace", () => {
  it.each(["init", "status"] as const)(
    "never lets more %s calls through than TikTok allows in any minute",
    async (call) => {
      const pauses = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });
      const bursts = fc.integer({ min: 1, max: 12 });
      await fc.assert(
        fc.asyncProperty(pauses, bursts, async (pausesMs, burst) => {
          const { deps, clock } = createWorld();
          const taken: number[] = [];
          for (const pauseMs of pausesMs) {
            await clock.advance(pauseMs);
            const places = Array.from({ length: burst }, () => takePlace(deps, owner, call));
            for (const waitMs of await Promise.all(places)) {
              if (waitMs === 0) taken.push(clock.nowMs());
            }
          }
          expect(busiestMinute(taken)).toBeLessThan(limits[call]);
        }),
        { numRuns: 25 },
      );
    },
  );

  it.each([
    ["init", 5],
    ["status", 28],
  ] as const)("lets as many %s calls through as it may: %i", async (call, places) => {
    const { deps } = createWorld();
    for (let n = 0; n < places; n += 1) expect(await takePlace(deps, owner, call)).toBe(0);
    expect(await takePlace(deps, owner, call)).toBeGreaterThanOrEqual(windowMs);
  });

  it("says truly how long to wait: the place is free then, and not a moment before", async () => {
    const { deps, clock } = createWorld();
    for (let n = 0; n < 5; n += 1) {
      await takePlace(deps, owner, "init");
      await clock.advance(1_000);
    }
    const waitMs = await takePlace(deps, owner, "init");
    // The first place was taken five seconds ago.
    expect(waitMs).toBeGreaterThanOrEqual(windowMs - 5_000);
    await clock.advance(waitMs - 1);
    expect(await takePlace(deps, owner, "init")).toBe(1);
    await clock.advance(1);
    expect(await takePlace(deps, owner, "init")).toBe(0);
  });

  it("counts accounts and kinds of call apart", async () => {
    const { deps } = createWorld();
    for (let n = 0; n < 5; n += 1) await takePlace(deps, owner, "init");
    expect(await takePlace(deps, { userId, openId: "-000second" }, "init")).toBe(0);
    expect(await takePlace(deps, owner, "status")).toBe(0);
    expect(await takePlace(deps, owner, "init")).toBeGreaterThan(0);
  });

  it("takes one place for each of many that ask at the same time", async () => {
    const { deps } = createWorld();
    const all = Array.from({ length: 40 }, () => takePlace(deps, owner, "status"));
    const waits = await Promise.all(all);
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(28);
  });
});
