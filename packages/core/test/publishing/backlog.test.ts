import { videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { shouldMakeRoom } from "../../src/publishing/backlog.ts";
import { relay } from "../../src/publishing/index.ts";
import type { SendChunk } from "../../src/tiktok/index.ts";
import { chunkedWorld, megabyte } from "./journey.ts";

const minuteMs = 60_000;
/** A minute for half of the file, another to go, and most of an hour for it. */
const halfWay = {
  waiting: 1,
  sentMs: minuteMs,
  sentBytes: 500,
  restBytes: 500,
  urlRestMs: 50 * minuteMs,
};

describe("shouldMakeRoom", () => {
  it.each([
    ["somebody waits", {}, true],
    ["nobody waits", { waiting: 0 }, false],
    ["its share is not used up", { sentMs: 29_999 }, false],
    ["it has sent nothing yet", { sentBytes: 0 }, false],
    ["ten others may take a quarter of an hour each", { urlRestMs: 17 * minuteMs }, true],
    ["its URL would get tight", { urlRestMs: 17 * minuteMs - 1 }, false],
    ["what is left takes long", { restBytes: 9_000 }, false],
    ["the backlog is long", { waiting: 40 }, false],
  ])("when %s", (_name, changes, isCalledFor) => {
    expect(shouldMakeRoom({ ...halfWay, ...changes })).toBe(isCalledFor);
  });
});

/** Chunks of 20 s. `waiting` answers how many others wait. */
async function relayed(waiting: () => Promise<number>) {
  const world = await chunkedWorld(5_600_000);
  const { id, userId } = await world.upload(videoBytes(22 * megabyte));
  world.deps.relayQueue.take();
  const sendChunk: SendChunk = async (request) => {
    await world.clock.wait(20_000);
    return world.deps.sendChunk(request);
  };
  const deps = { ...world.deps, sendChunk, relayQueue: { ...world.deps.relayQueue, waiting } };
  const deadlineMs = world.clock.nowMs() + 900_000;
  const input = { userId, publicationId: id, owner: "relay-1", deadlineMs };
  const result = await world.clock.run(relay(deps, input));
  return { world, id, result };
}

describe("a relay", () => {
  it("makes room at the first boundary after its share, and goes on from there", async () => {
    const { world, id, result } = await relayed(async () => 1);
    expect(result).toBe("continued");
    expect(await world.get(id)).toMatchObject({
      lease: null,
      task: { confirmedBytes: 2 * 5_500_000 },
      fruitlessRuns: 0,
    });
    expect(await world.deliver()).toEqual(["delivered"]);
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it.each([
    ["nobody waits", async () => 0],
    ["the queue does not say", () => Promise.reject(new Error("throttled"))],
    ["the queue does not answer", () => new Promise<number>(() => undefined)],
  ])("goes on when %s", async (_name, waiting) => {
    expect((await relayed(waiting)).result).toBe("delivered");
  });
});
