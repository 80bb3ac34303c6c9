import { openId, sha256, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { listDead, redrive } from "../../src/operations/index.ts";
import { deadLetter, retry } from "../../src/publishing/index.ts";
import { dying, forEveryFault } from "../faults.ts";
import { chunkedWorld, queued, tamper } from "../publishing/journey.ts";

const dayMs = 86_400_000;

/** A publication whose relay message has spent its receives. */
async function dead() {
  const journey = await queued();
  journey.world.deps.relayQueue.take();
  expect(await deadLetter(journey.world.deps, { ...journey.ids, receives: 6 })).toBe(true);
  return journey;
}

describe("listDead", () => {
  it("lists what was given up, and until when it can be redriven", async () => {
    const { world, id } = await dead();
    expect(await listDead(world.deps)).toMatchObject([
      {
        publicationId: id,
        userId,
        attempt: 1,
        receives: 6,
        code: "relay_failed",
        standing: "redrivable",
        status: "failed",
        untilMs: world.clock.nowMs() + dayMs,
      },
    ]);
    expect(await listDead(world.deps, id)).toHaveLength(1);
    expect(await listDead(world.deps, "another")).toEqual([]);
  });

  it("walks through all pages", async () => {
    const { world } = await queued();
    const rows = Array.from({ length: 250 }, (_, n) => ({
      pk: "DEAD",
      sk: `LETTER#${String(n).padStart(4, "0")}#000001`,
      version: 1,
      writeId: "w",
      data: {
        userId,
        publicationId: `gone-${n}`,
        attempt: 1,
        atMs: 1,
        receives: null,
        code: "relay_failed",
        lastRelay: null,
        fence: 0,
        fruitlessRuns: 0,
        confirmedBytes: 0,
      },
    }));
    for (const row of rows) await world.deps.table.put(row, 0);
    expect(await listDead(world.deps)).toHaveLength(250);
  });
});

describe("redrive", () => {
  it("begins another attempt with the stored video, and strikes the letter off the list", async () => {
    const { world, id } = await dead();
    expect(await redrive(world.deps, id)).toMatchObject([{ publicationId: id, isRedriven: true }]);
    expect(await listDead(world.deps)).toEqual([]);
    expect(await world.get(id)).toMatchObject({ status: "queued", attempt: 2 });
    expect(await world.deliver()).toEqual(["delivered"]);
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(videoBytes(1_000_000)));
  });

  it("begins one attempt however often it is asked for", async () => {
    const { world, id } = await dead();
    await Promise.all([redrive(world.deps, null), redrive(world.deps, null)]);
    expect(await redrive(world.deps, null)).toEqual([]);
    expect((await world.get(id)).attempt).toBe(2);
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });

  it("ends in one more attempt and an empty list, whenever its process dies", async () => {
    const crashes = await forEveryFault(async (fault) => {
      const { world, id } = await dead();
      const deps = dying(world.deps, fault);
      await redrive(deps, null).catch(() => undefined);
      await redrive(world.deps, null);
      expect(await listDead(world.deps)).toEqual([]);
      expect((await world.get(id)).attempt).toBe(2);
      return deps.hasDied();
    });
    expect(crashes).toBeGreaterThan(8);
  });

  it("strikes off what has moved on by itself, and touches nothing of it", async () => {
    const { world, id, ids } = await dead();
    await retry(world.deps, ids);
    expect(await listDead(world.deps)).toMatchObject([{ standing: "moved_on", status: "queued" }]);
    expect(await redrive(world.deps, null)).toMatchObject([
      { isRedriven: false, standing: "moved_on", why: "It is queued, attempt 2." },
    ]);
    expect((await world.get(id)).attempt).toBe(2);
    expect(await listDead(world.deps)).toEqual([]);
  });

  it("redrives an attempt that died for its own sake, and not for an earlier one's", async () => {
    const { world, id, ids } = await dead();
    await retry(world.deps, ids);
    world.deps.relayQueue.take();
    await deadLetter(world.deps, ids);
    expect(await redrive(world.deps, id)).toMatchObject([
      { attempt: 1, isRedriven: false, standing: "moved_on" },
      { attempt: 2, isRedriven: true },
    ]);
    expect((await world.get(id)).attempt).toBe(3);
  });

  it("keeps what cannot be redriven any more, and says why", async () => {
    const { world, id } = await dead();
    await world.clock.advance(dayMs);
    await world.poll();
    const [letter] = await redrive(world.deps, null);
    expect(letter).toMatchObject({ isRedriven: false, standing: "final", untilMs: null });
    expect(letter?.why).toContain("upload it again");
    expect((await world.get(id)).status).toBe("failed");
    expect(await listDead(world.deps)).toHaveLength(1);
  });

  it("keeps what has been tried too often, instead of striking it off as moved on", async () => {
    const journey = await queued();
    await tamper(journey, (publication) => ({ ...publication, attempt: 20 }));
    await deadLetter(journey.world.deps, { ...journey.ids, receives: 6 });
    expect(await redrive(journey.world.deps, null)).toMatchObject([{ isRedriven: false }]);
    expect(await listDead(journey.world.deps)).toHaveLength(1);
  });

  it("never redrives what TikTok may have posted", async () => {
    const world = await chunkedWorld(12_000_000);
    const { id } = await world.upload(videoBytes(1_000_000));
    world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1)
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    expect(await world.relay(id)).toBe("parked");
    await markReconnect(world.deps, { userId, openId, reason: "auth_removed" });
    const journey = { world, id, ids: { userId, publicationId: id } };
    await tamper(journey, (publication) => ({ ...publication, waiting: null }));
    expect(await deadLetter(world.deps, journey.ids)).toBe(true);

    const [letter] = await redrive(world.deps, null);
    expect(letter).toMatchObject({ code: "outcome_unknown", standing: "final", isRedriven: false });
    expect(letter?.why).toContain("look there");
    expect(world.deps.relayQueue.take()).toEqual([]);
  });

  it("does not lose the letter when the video goes in the moment of the redrive", async () => {
    const { world, id } = await dead();
    const real = world.deps.table;
    let reads = 0;
    const table = {
      ...real,
      get: async (key: { pk: string; sk: string }) => {
        if (key.sk === `PUBLICATION#${id}`) reads += 1;
        if (reads === 2) {
          reads += 1;
          await world.clock.advance(dayMs);
          await world.poll();
        }
        return real.get(key);
      },
    };
    const [letter] = await redrive({ ...world.deps, table }, null);
    expect(letter).toMatchObject({ isRedriven: false, standing: "final" });
    expect(await listDead(world.deps)).toHaveLength(1);
  });
});
