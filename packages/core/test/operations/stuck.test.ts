import { createWorld, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { findStuck } from "../../src/operations/index.ts";
import { minuteMs, processing, queued, tamper } from "../publishing/journey.ts";

describe("findStuck", () => {
  it("finds nothing in a system that is well", async () => {
    const { world } = await queued();
    const report = await findStuck(world.deps);
    expect(report).toEqual({ stuck: [], looked: 1, countByStatus: { queued: 1 }, isCut: false });
  });

  it("finds what the poller should have done, and what no message helps", async () => {
    const overdue = await queued();
    const { world } = overdue;
    const other = await world.upload(videoBytes(1_000, 2));
    const lost = { ...overdue, id: other.id, ids: { ...overdue.ids, publicationId: other.id } };
    const nowMs = world.clock.nowMs();
    await tamper(lost, (publication) => ({
      ...publication,
      nudges: 4,
      dueAtMs: nowMs + 15 * minuteMs,
    }));
    await tamper(overdue, (publication) => ({ ...publication, dueAtMs: nowMs - 9 * minuteMs }));

    const { stuck, countByStatus } = await findStuck(world.deps);
    expect(stuck.map(({ id, trouble }) => [id, trouble?.code])).toEqual([
      [overdue.id, "overdue"],
      [lost.id, "unanswered"],
    ]);
    expect(countByStatus).toEqual({ queued: 2 });
  });

  it("finds a post that TikTok does not decide about", async () => {
    const { world, id } = await processing();
    for (let n = 0; n < 8; n += 1) {
      await world.clock.advance(15 * minuteMs);
      await world.poll();
    }
    const { stuck } = await findStuck(world.deps);
    expect(stuck.map((story) => [story.id, story.trouble?.code])).toEqual([[id, "slow_outcome"]]);
  });

  it("leaves out what has ended, although the index still names it", async () => {
    const journey = await queued();
    const { world } = journey;
    const due = world.deps.table.due;
    const keys = await due({
      shard: await shardOf(journey),
      untilMs: Number.MAX_SAFE_INTEGER,
      limit: 9,
    });
    await tamper(journey, (publication) => ({
      ...publication,
      status: "cancelled",
      dueAtMs: null,
    }));
    const lagging = {
      ...world.deps.table,
      due: async ({ shard }: { shard: string }) => (shard === "DUE#0" ? keys : []),
    };
    expect(await findStuck({ ...world.deps, table: lagging })).toMatchObject({
      looked: 0,
      stuck: [],
    });
  });

  it("says when there is more than it looked at", async () => {
    const world = createWorld();
    const keys = Array.from({ length: 250 }, (_, n) => ({
      pk: "USER#gone",
      sk: `PUBLICATION#${n}`,
    }));
    const crowded = { ...world.deps.table, due: async () => keys };
    expect((await findStuck({ ...world.deps, table: crowded })).isCut).toBe(true);
  });
});

async function shardOf({ world, id }: Awaited<ReturnType<typeof queued>>): Promise<string> {
  const row = world.deps.table.rows().find(({ sk }) => sk === `PUBLICATION#${id}`);
  return row?.dueShard ?? "";
}
