import { readSystem } from "@clipcast/infra/plan";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/index.ts";
import {
  diskBytesNeeded,
  planNoise,
  planVideos,
  raisedCaps,
  relaySlots,
} from "../../src/load/plan.ts";

const plan = {
  users: 50,
  accountsPerUser: 4,
  small: { count: 1_000, bytes: 1 },
  big: { count: 20, bytes: 1_000 },
};

describe("the plan of a load run", () => {
  it("has so many videos of each size, the big ones spread over run and users", () => {
    const videos = planVideos(plan);
    const big = videos.filter(({ bytes }) => bytes === 1_000);
    expect(videos).toHaveLength(1_020);
    expect(big).toHaveLength(20);
    expect(new Set(big.map(({ userIndex }) => userIndex)).size).toBeGreaterThan(5);
    expect(Math.max(...big.map(({ number }) => number))).toBeGreaterThan(900);
    expect(new Set(videos.map(({ name }) => name)).size).toBe(1_020);
  });

  it("gives every account about as much", () => {
    const counts = new Map<string, number>();
    for (const { userIndex, accountIndex } of planVideos(plan)) {
      const account = `${userIndex} ${accountIndex}`;
      counts.set(account, (counts.get(account) ?? 0) + 1);
    }
    expect(counts.size).toBe(200);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
  });

  it("gives the noisy user so many accounts that none waits for its init window", () => {
    const { accounts, videos } = planNoise({ count: 500, bytes: 1, firstNumber: 7 });
    expect(accounts).toBe(100);
    expect(videos.map(({ number }) => number)).toEqual(
      Array.from({ length: 500 }, (_, n) => n + 7),
    );
    expect(videos.filter(({ accountIndex }) => accountIndex === 0)).toHaveLength(5);
  });

  it("raises a cap of TikTok's only where the load would meet it", () => {
    expect(raisedCaps({ postsPerAccountMax: 6, accounts: 200 })).toEqual({});
    expect(raisedCaps({ postsPerAccountMax: 16, accounts: 501 })).toEqual({
      postsPerDayMax: 16,
      activeCreatorsPerDayMax: 501,
    });
    expect(raisedCaps({ postsPerAccountMax: 21, accounts: 1 })).toEqual({
      postsPerDayMax: 21,
      creatorInfoPerMinute: 21,
    });
  });

  it("asks for disk for what is stored, on its way and kept", () => {
    const videos = [{ bytes: 100 }, { bytes: 10 }];
    expect(diskBytesNeeded(videos, 50)).toBe(110 + relaySlots * 100 + 50);
    expect(diskBytesNeeded([], 50)).toBe(0);
  });

  it("knows how many relays run at once", () => {
    const { eventSources } = readSystem(`${projectRoot}infra/plan/plan.json`);
    const relay = eventSources.find((source) => source.function === "Relay");
    expect(relay?.maximumConcurrency).toBe(relaySlots);
  });
});
