import { userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { dueShards, saveNew } from "../../src/publications/index.ts";
import { leaseMs } from "../../src/publishing/hold.ts";
import { poll, relay } from "../../src/publishing/index.ts";
import { publicationIn, nowMs as sampleMs } from "../publications/samples.ts";
import { connectedWorld, megabyte, minuteMs, processing, queued, tamper } from "./journey.ts";

/** A row in the index that no code of ours can read. */
const poison = (sk: string) => ({
  pk: "USER#user-1",
  sk: `PUBLICATION#${sk}`,
  version: 1,
  writeId: "poison",
  data: { status: "from the future" },
  dueShard: dueShards[0] ?? "",
  dueAtMs: 1,
});

/** A relay takes the lease and dies in its first chunk: nothing after that ever runs. */
async function crash({ world, id, ids }: Awaited<ReturnType<typeof queued>>): Promise<void> {
  const never = () => new Promise<never>(() => undefined);
  const deps = { ...world.deps, clock: { ...world.clock, wait: never }, sendChunk: never };
  void relay(deps, { ...ids, owner: "dies", deadlineMs: Number.MAX_SAFE_INTEGER });
  await world.clock.advance(0);
  expect((await world.get(id)).lease?.owner).toBe("dies");
}

describe("poll", () => {
  it("sends a lost relay message again after a minute, and not before", async () => {
    const { world } = await queued();
    world.deps.relayQueue.take();
    await world.clock.advance(minuteMs - 1);
    expect(await world.poll()).toEqual({ seen: 0, failed: 0 });

    await world.clock.advance(1);
    expect(await world.poll()).toEqual({ seen: 1, failed: 0 });
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("backs off to a quarter of an hour while its messages get lost", async () => {
    const { world, id } = await queued();
    const delays: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      const dueAtMs = (await world.get(id)).dueAtMs ?? 0;
      delays.push((dueAtMs - world.clock.nowMs()) / minuteMs);
      await world.clock.advance(dueAtMs - world.clock.nowMs());
      world.deps.relayQueue.take();
      await world.poll();
      expect(world.deps.relayQueue.messages).toHaveLength(1);
    }
    expect(delays).toEqual([1, 1, 2, 4, 8, 15, 15]);
  });

  it("waits a minute for the successor of a dead relay, however many died before", async () => {
    const journey = await queued();
    const { world, id } = journey;
    for (let deaths = 0; deaths < 5; deaths += 1) {
      await crash(journey);
      await world.clock.advance(leaseMs);
      await world.poll();
    }
    expect((await world.get(id)).dueAtMs).toBe(world.clock.nowMs() + minuteMs);
  });

  it.each([0, 1, 15, 29, 30, 31, 45, 59])(
    "finds a dead relay within 90 s, its own minute beginning %i s after the crash",
    async (phaseSec) => {
      const journey = await queued();
      const { world } = journey;
      world.deps.relayQueue.take();
      await crash(journey);
      const crashMs = world.clock.nowMs();

      await world.clock.advance(phaseSec * 1_000);
      for (let ticks = 0; world.deps.relayQueue.messages.length === 0 && ticks < 3; ticks += 1) {
        if (ticks > 0) await world.clock.advance(minuteMs);
        await world.poll();
      }
      expect(world.clock.nowMs() - crashMs).toBeLessThanOrEqual(90_000);
      expect(await world.deliver()).toEqual(["delivered"]);
      expect(world.tiktok.tasks).toHaveLength(1);
    },
  );

  it("ends uploads that were never finished, and empties storage", async () => {
    const world = await connectedWorld();
    const { value } = await world.begin(videoBytes(megabyte));
    await world.clock.advance(24 * 60 * minuteMs);
    await world.poll();
    expect(await world.get(value.id)).toMatchObject({
      status: "failed",
      failure: { code: "upload_abandoned", isRetryable: false },
      upload: { isRemoved: false },
    });
    expect(world.deps.storage.openUploads()).toBe(0);
    await world.clock.advance(minuteMs);
    await world.poll();
    expect(await world.get(value.id)).toMatchObject({ dueAtMs: null, upload: { isRemoved: true } });
  });

  it("empties storage when that failed at the end of a publication", async () => {
    const journey = await queued();
    const { world, id } = journey;
    await tamper(journey, (publication) => ({ ...publication, status: "cancelled" }));
    expect(world.deps.storage.objects()).toHaveLength(1);
    await world.clock.advance(minuteMs);
    await world.poll();
    expect(world.deps.storage.objects()).toEqual([]);
    expect(await world.get(id)).toMatchObject({ dueAtMs: null, upload: { isRemoved: true } });
    expect((await world.poll()).seen).toBe(0);
  });

  it("learns an outcome whose messages were all lost", async () => {
    const { world, id, task } = await processing();
    world.deps.checkQueue.messages = [];
    world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
    await world.clock.advance(65_000);
    await world.poll();
    expect(await world.get(id)).toMatchObject({ status: "published", postIds: ["1"] });
  });

  it("touches what is due and nothing else", async () => {
    const world = await connectedWorld();
    for (let n = 0; n < 5; n += 1) await world.begin(videoBytes(megabyte, n));
    const { id } = await world.upload(videoBytes(megabyte));
    await world.clock.advance(minuteMs);
    const read: string[] = [];
    const table = {
      ...world.deps.table,
      get: (key: { pk: string; sk: string }) => {
        read.push(key.sk);
        return world.deps.table.get(key);
      },
    };
    const deps = { ...world.deps, table };
    await poll(deps, { deadlineMs: world.clock.nowMs() + 55_000 });
    expect(new Set(read)).toEqual(new Set([`PUBLICATION#${id}`]));
  });

  it("stops at its deadline and leaves the rest due", async () => {
    const { world } = await queued();
    await world.clock.advance(minuteMs);
    const nothing = await poll(world.deps, { deadlineMs: world.clock.nowMs() });
    expect(nothing).toEqual({ seen: 0, failed: 0 });
    expect((await world.poll()).seen).toBe(1);
  });

  it("believes the record where the index lags behind it", async () => {
    const journey = await queued();
    const { world, id } = journey;
    const before = await world.get(id);
    const [key] = world.deps.table.rows().filter((row) => row.sk === `PUBLICATION#${id}`);
    const gone = { pk: `USER#${userId}`, sk: "PUBLICATION#gone" };
    const table = {
      ...world.deps.table,
      due: async ({ shard }: { shard: string }) =>
        shard === dueShards[0] && key ? [{ pk: key.pk, sk: key.sk }, gone] : [],
    };
    const result = await poll({ ...world.deps, table }, { deadlineMs: world.clock.nowMs() + 1 });
    expect(result).toEqual({ seen: 2, failed: 0 });
    expect(await world.get(id)).toEqual(before);
  });

  it("leaves the nudge to another poller that was faster", async () => {
    const journey = await queued();
    const { world } = journey;
    world.deps.relayQueue.take();
    await world.clock.advance(minuteMs);
    await Promise.all([
      world.poll(),
      poll(world.deps, { deadlineMs: world.clock.nowMs() + 1_000 }),
    ]);
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });
});

describe("poll, when some publications are in trouble", () => {
  it("goes on past one that cannot be read, and counts it", async () => {
    const { world } = await queued();
    world.deps.relayQueue.take();
    await world.deps.table.put(poison("1"), 0);
    await world.clock.advance(minuteMs);
    expect(await world.poll()).toEqual({ seen: 2, failed: 1 });
    expect(world.deps.relayQueue.messages).toHaveLength(1);
    expect(world.deps.log.lines).toContainEqual(
      expect.objectContaining({ event: "poll.failed", publicationId: "1" }),
    );
  });

  it("goes on past more of them than one page of the index holds", async () => {
    const world = await connectedWorld();
    for (let n = 0; n < 220; n += 1) await world.deps.table.put(poison(`bad-${n}`), 0);
    // Due later than all of the poisoned ones, in the shard that they fill.
    const healthy = { ...publicationIn("queued"), id: "healthy", dueAtMs: sampleMs };
    const stored = await saveNew(world.deps, healthy);
    const row = await world.deps.table.get(stored?.key ?? { pk: "", sk: "" });
    if (row === null) throw new Error("the healthy one is stored");
    await world.deps.table.put({ ...row, version: 2, dueShard: dueShards[0] ?? "" }, 1);

    expect(await world.poll()).toEqual({ seen: 221, failed: 220 });
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });

  it("works through more than a page in one tick", async () => {
    const world = await connectedWorld();
    for (let n = 0; n < 1_800; n += 1) {
      await saveNew(world.deps, { ...publicationIn("queued"), id: `publication-${n}` });
    }
    expect(await world.poll()).toEqual({ seen: 1_800, failed: 0 });
    expect(world.deps.relayQueue.messages).toHaveLength(1_800);
  });

  it("serves one creator's many publications although they share a rate window", async () => {
    const world = await connectedWorld();
    const task = {
      publishId: "unknown",
      sealedUploadUrl: "sealed",
      issuedAtMs: sampleMs,
      chunkBytes: megabyte,
      chunkCount: 1,
      confirmedBytes: megabyte,
    };
    for (let n = 0; n < 16; n += 1) {
      await saveNew(world.deps, { ...publicationIn("processing"), id: `publication-${n}`, task });
    }
    expect(await world.poll()).toEqual({ seen: 16, failed: 0 });
  });
});
