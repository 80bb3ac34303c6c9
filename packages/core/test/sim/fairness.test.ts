/** Many videos at once: nobody waits for somebody else's, TikTok's limits hold, and waiting costs next to nothing. */
import { describe, expect, it } from "vitest";
import { crowd, type Fate } from "./crowd.ts";

const secondMs = 1_000;
const minuteMs = 60_000;
const fourChunks = 250_000_000;
const sevenChunks = 440_000_000;
const oneChunk = 3_000_000;

function most(fates: Fate[], count: (fate: Fate) => number): number {
  return Math.max(...fates.map(count));
}

describe("a crowd", { timeout: 120_000 }, () => {
  it("of 500 videos does not delay another user's single one", async () => {
    const told = await crowd(
      [
        { videos: 500, bytes: fourChunks, atMs: 0 },
        { videos: 1, bytes: oneChunk, atMs: 5 * minuteMs },
      ],
      { chunkMs: 10 * secondMs },
    );
    const [many = [], single = []] = told.fates;
    // TikTok's windows are among the promises that are watched.
    expect(told.violations).toEqual([]);
    expect(most(single, ({ waitedMs }) => waitedMs)).toBeLessThan(secondMs);
    expect(told.busiest).toBeLessThanOrEqual(4);
    expect(told.redeliveries).toBe(0);
    expect(most(many, ({ invocations }) => invocations)).toBeLessThanOrEqual(6);
    // Four a minute: what TikTok allows is used.
    expect(most(many, ({ waitedMs }) => waitedMs)).toBeLessThan((500 / 4 + 5) * minuteMs);
  });

  it("of 60 slow videos is worked off by four relays that are never idle", async () => {
    const told = await crowd(
      [
        { videos: 60, bytes: sevenChunks, atMs: 0 },
        { videos: 1, bytes: oneChunk, atMs: 10 * minuteMs },
      ],
      { chunkMs: minuteMs },
    );
    const [many = [], single = []] = told.fates;
    expect(most(single, ({ waitedMs }) => waitedMs)).toBeLessThan(secondMs);
    expect(told.violations).toEqual([]);
    expect(told.busiest).toBeLessThanOrEqual(4);
    expect(told.redeliveries).toBe(0);
    expect(most(many, ({ waitedMs }) => waitedMs)).toBeLessThan(1.1 * (60 / 4) * 7 * minuteMs);
    expect(most(many, ({ invocations }) => invocations)).toBeLessThanOrEqual(16);
  });

  it("of many users, who wait for half an hour, is sent hardly a message too many", async () => {
    // Of one chunk each, because relays make room for each other between chunks.
    const users = Array.from({ length: 120 }, () => ({ videos: 1, bytes: oneChunk, atMs: 0 }));
    const told = await crowd(users, { chunkMs: 160 * secondMs });
    const fates = told.fates.flat();
    expect(told.violations).toEqual([]);
    // Ten at a time.
    expect(most(fates, ({ waitedMs }) => waitedMs)).toBeLessThan(35 * minuteMs);
    const invocations = fates.reduce((sum, fate) => sum + fate.invocations, 0);
    expect(invocations / fates.length).toBeLessThan(1.1);
  });

  it("of users who hold all relays makes room within one chunk", async () => {
    const chunkMs = 50 * secondMs;
    const heavy = { videos: 8, bytes: sevenChunks, atMs: 0 };
    const single = { videos: 1, bytes: oneChunk, atMs: minuteMs };
    const told = await crowd([heavy, heavy, heavy, single], { chunkMs });
    expect(told.violations).toEqual([]);
    expect(most(told.fates[3] ?? [], ({ waitedMs }) => waitedMs)).toBeLessThan(chunkMs);
  });

  it("of more users than relays makes room for nobody at the price of an upload URL", async () => {
    const users = Array.from({ length: 24 }, () => ({ videos: 4, bytes: sevenChunks, atMs: 0 }));
    const told = await crowd(users, { chunkMs: minuteMs });
    expect(told.violations).toEqual([]);
    const dead = told.fates.flat().flatMap(({ publication }) => publication.deadTasks);
    expect(dead).toEqual([]);
  });
});
