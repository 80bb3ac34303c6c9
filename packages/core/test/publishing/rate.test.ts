import { createWorld, openId, publicPost, userId, type World } from "@clipcast/core/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awaitPlace, closeInits, type RatedCall, takePlace } from "../../src/publishing/rate.ts";

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
    expect(await takePlace(deps, owner, "init")).toBeGreaterThan(0);
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

async function waitFor(deps: World["deps"], line: "first" | "again"): Promise<number> {
  return (await awaitPlace(deps, { ...owner, post: publicPost }, line))?.waitMs ?? 0;
}

/** Five places taken: the window is full. */
async function fullWindow() {
  const { deps, clock } = createWorld();
  for (let n = 0; n < 5; n += 1) await takePlace(deps, owner, "init");
  return { deps, clock, await: (line: "first" | "again") => waitFor(deps, line) };
}

describe("awaitPlace", () => {
  it("gives each of many a time of its own, and all of them get a place then", async () => {
    const { deps, clock, await: wait } = await fullWindow();
    const beganMs = clock.nowMs();
    const waits: number[] = [];
    for (let n = 0; n < 495; n += 1) waits.push(await wait("first"));
    expect(new Set(waits).size).toBe(495);
    // Four a minute.
    expect(Math.max(...waits)).toBeLessThan((495 / 4 + 2) * windowMs);

    for (const waitMs of waits) {
      // Messages come whole seconds late.
      await clock.advance(beganMs + waitMs + (waitMs % 3) * 1_000 - clock.nowMs());
      expect(await wait("again")).toBe(0);
      expect(await takePlace(deps, owner, "init")).toBe(0);
    }
  });

  it("takes nothing by itself, and lets whoever comes first go at once", async () => {
    const { deps } = createWorld();
    for (let n = 0; n < 9; n += 1) expect(await waitFor(deps, "first")).toBe(0);
  });

  it("lets nobody overtake the first line, and whoever missed its time need not queue again", async () => {
    const { deps, clock, await: wait } = await fullWindow();
    for (let n = 0; n < 100; n += 1) await wait("first");
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(windowMs);
      await takePlace(deps, owner, "init");
    }
    expect(await wait("again")).toBe(0);
    expect(await wait("first")).toBeGreaterThan(20 * windowMs);
  });

  it("keeps nobody waiting behind times that nobody keeps, as after 100 cancellations", async () => {
    const { deps, clock, await: wait } = await fullWindow();
    for (let n = 0; n < 100; n += 1) await wait("first");
    await clock.advance(2 * windowMs);
    expect(await wait("first")).toBe(0);
    await takePlace(deps, owner, "init");
    expect(await wait("first")).toBe(0);
  });

  it("spreads those who missed their time as well", async () => {
    const { await: wait } = await fullWindow();
    const waits = [await wait("again"), await wait("again"), await wait("again")];
    expect(waits).toEqual([70_000, 85_000, 100_000]);
  });

  it("begins a new line when the old one has passed", async () => {
    const { clock, await: wait } = await fullWindow();
    for (let n = 0; n < 10; n += 1) await wait("first");
    await clock.advance(10 * windowMs);
    expect(await wait("first")).toBe(0);
  });

  it("tells everybody of a cap that one has met, but drafts are another matter", async () => {
    const { deps, clock } = createWorld();
    const direct = { ...owner, post: publicPost };
    const reason = "spam_risk_too_many_posts";
    await closeInits(deps, direct, { reason, waitMs: 3_600_000 });
    expect(await awaitPlace(deps, direct, "first")).toEqual({ reason, waitMs: 3_600_000 });
    expect(await awaitPlace(deps, direct, "first")).toEqual({ reason, waitMs: 3_615_000 });
    expect(await awaitPlace(deps, { ...owner, post: { mode: "inbox" } }, "again")).toBeNull();
    await clock.advance(3_600_000);
    expect(await awaitPlace(deps, direct, "again")).toBeNull();
  });
});
