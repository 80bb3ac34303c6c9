import { userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { RetryableError } from "../../src/errors/index.ts";
import { relay } from "../../src/publishing/index.ts";
import { takePlace } from "../../src/publishing/rate.ts";
import { judge } from "../../src/publishing/task.ts";
import { TikTokRefusal } from "../../src/tiktok/index.ts";
import { withTikTok } from "../faults.ts";
import { publicationIn } from "../publications/samples.ts";
import { chunkedWorld, megabyte, queued, statusOf, tamper } from "./journey.ts";

const task = {
  publishId: "v_pub~1",
  sealedUploadUrl: "sealed",
  issuedAtMs: 0,
  chunkBytes: 400_000,
  chunkCount: 2,
  confirmedBytes: 400_000,
};
const publication = { ...publicationIn("relaying"), task };

describe("judge", () => {
  it.each([
    [statusOf({ stage: "published" }), false, { type: "delivered" }],
    [statusOf({ stage: "in_inbox" }), true, { type: "delivered" }],
    [statusOf({ uploadedBytes: 1_000_000 }), true, { type: "delivered" }],
    [statusOf({ uploadedBytes: 400_000 }), false, { type: "resume", confirmedBytes: 400_000 }],
    [statusOf({ uploadedBytes: 0 }), false, { type: "resume", confirmedBytes: 400_000 }],
    [statusOf({ uploadedBytes: null }), false, { type: "resume", confirmedBytes: 400_000 }],
    [statusOf({ uploadedBytes: 800_000 }), false, { type: "resume", confirmedBytes: 800_000 }],
    [statusOf({ uploadedBytes: 400_001 }), false, { type: "dead", why: "off_boundary" }],
    [statusOf({ uploadedBytes: 400_000 }), true, { type: "dead", why: "upload_url_expired" }],
    [
      statusOf({ stage: "failed", failReason: "internal" }),
      false,
      { type: "dead", why: "internal" },
    ],
    [statusOf({ stage: "failed" }), false, { type: "dead", why: "internal" }],
  ])("reads %o (URL dead: %s)", (status, isUrlDead, verdict) => {
    expect(judge(publication, task, status, isUrlDead)).toEqual(verdict);
  });

  it("gives up when TikTok has refused the video itself", () => {
    const status = statusOf({ stage: "failed", failReason: "picture_size_check_failed" });
    expect(() => judge(publication, task, status, false)).toThrow(
      expect.objectContaining({ name: "FatalError", code: "picture_size_check_failed" }),
    );
  });
});

describe("creating a task", () => {
  it("asks once where every plan is the same, and keeps the plans of others", async () => {
    const { world, id } = await queued();
    world.tiktok.refuseNext("init", "invalid_params");
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure?.code).toBe("invalid_params");
    expect(world.tiktok.tasks).toEqual([]);
    expect(world.deps.table.rows().filter((row) => row.pk === "STAGE")).toEqual([]);
  });

  it("fails with TikTok's reason when it takes none of the plans", async () => {
    const world = await chunkedWorld(1);
    const { id } = await world.upload(videoBytes(33 * megabyte));
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure?.code).toBe("invalid_params");
    expect(world.tiktok.initsRefusedForChunks).toBe(4);
  });

  it("goes on with the next plan where the account's window leaves one place at a time", async () => {
    const world = await chunkedWorld(5_600_000);
    const { id } = await world.upload(videoBytes(22 * megabyte));
    const results: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      for (let place = 0; place < 4; place += 1) {
        await takePlace(world.deps, { userId, openId: "-000creator" }, "init");
      }
      results.push(await world.relay(id));
      await world.clock.advance(120_000);
    }
    expect(results).toEqual(["parked", "parked", "delivered"]);
    expect(world.tiktok.initsRefusedForChunks).toBe(2);
    expect((await world.get(id)).refusedChunkBytes).toBeUndefined();
  });

  it("hears TikTok's refusal of the last plan again when nobody heard it before", async () => {
    const journey = await queued();
    await tamper(journey, (known) => ({ ...known, refusedChunkBytes: megabyte }));
    journey.world.tiktok.refuseNext("init", "invalid_params");
    expect(await journey.world.relay(journey.id)).toBe("failed");
    expect((await journey.world.get(journey.id)).failure?.code).toBe("invalid_params");
  });

  it("stops after eight tasks that TikTok let die", async () => {
    const { world, id } = await queued();
    let calls = 0;
    const dying = withTikTok(world, {
      init: async (...input) => {
        calls += 1;
        await world.clock.wait(20_000);
        return world.deps.tiktok.init(...input);
      },
    });
    const sendChunk = async () => ({ type: "gone" as const, httpStatus: 404 });
    const deadlineMs = world.clock.nowMs() + 900_000;
    const input = { userId, publicationId: id, owner: "relay-1", deadlineMs };
    expect(await world.clock.run(relay({ ...dying, sendChunk }, input))).toBe("failed");
    const { failure, deadTasks } = await world.get(id);
    expect(failure).toMatchObject({ code: "too_many_tasks", isRetryable: true });
    expect(deadTasks).toHaveLength(8);
    expect(calls).toBe(8);
  });
});

describe("asking about a task", () => {
  async function inDoubt() {
    const journey = await queued();
    journey.world.deps.relayQueue.take();
    journey.world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    return journey;
  }

  it("waits for the account's window when it is full", async () => {
    const { world, id } = await inDoubt();
    for (let n = 0; n < 28; n += 1) {
      await takePlace(world.deps, { userId, openId: "-000creator" }, "status");
    }
    expect(await world.relay(id)).toBe("parked");
    expect((await world.get(id)).waiting?.reason).toBe("rate_limited");
    // Waiting for a window is not the relay's failure.
    expect((await world.get(id)).fruitlessRuns).toBe(0);
    await world.clock.advance(120_000);
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("tolerates an id that TikTok does not know yet", async () => {
    const { world, id } = await inDoubt();
    world.tiktok.refuseNext("status", "invalid_publish_id");
    expect(await world.relay(id)).toBe("parked");
    expect((await world.get(id)).waiting?.reason).toBe("task_unknown");
    await world.clock.advance(10_000);
    expect(await world.deliver()).toEqual(["delivered"]);
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("buries a task that TikTok has forgotten with its URL", async () => {
    const { world, id } = await queued();
    world.tiktok.chunkScript.push({ type: "gone", httpStatus: 404 });
    world.tiktok.refuseNext("status", "invalid_publish_id");
    expect(await world.relay(id)).toBe("delivered");
    expect((await world.get(id)).deadTasks).toMatchObject([{ why: "invalid_publish_id" }]);
  });

  it("passes on every other refusal", async () => {
    const { world, id } = await inDoubt();
    world.tiktok.refuseNext("status", "token_not_authorized_for_specified_publish_id");
    expect(await world.relay(id)).toBe("failed");
  });

  it("asks before it sends to a URL that is about to die", async () => {
    const journey = await inDoubt();
    const { world, id } = journey;
    for (let n = 0; n < 3; n += 1) {
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    }
    expect(await world.relay(id)).toBe("parked");
    await world.clock.advance(59 * 60_000);
    // What is still on its way could complete the old task, so no other is begun before its URL is surely dead.
    expect(await world.relay(id)).toBe("parked");
    expect(await world.get(id)).toMatchObject({
      deadTasks: [],
      waiting: { reason: "upload_url_expiring" },
    });
    await world.clock.advance(2 * 60_000);
    expect(await world.relay(id)).toBe("delivered");
    expect((await world.get(id)).deadTasks).toMatchObject([{ why: "upload_url_expired" }]);
    expect(world.tiktok.tasks.map((each) => each.receivedBytes)).toEqual([0, megabyte]);
  });

  it("begins again when TikTok stands off the chunks of the plan", async () => {
    const { world, id } = await inDoubt();
    const bytes = videoBytes(megabyte);
    let asked = 0;
    const deps = withTikTok(world, {
      status: async (...input) => {
        asked += 1;
        const status = await world.deps.tiktok.status(...input);
        return asked === 1 ? { ...status, uploadedBytes: 17 } : status;
      },
    });
    const deadlineMs = world.clock.nowMs() + 900_000;
    const input = { userId, publicationId: id, owner: "relay-1", deadlineMs };
    expect(await world.clock.run(relay(deps, input))).toBe("delivered");
    expect((await world.get(id)).deadTasks).toMatchObject([{ why: "off_boundary" }]);
    expect(world.tiktok.tasks[1]?.receivedBytes).toBe(bytes.length);
  });

  it("begins again when the record itself stands off the plan", async () => {
    const journey = await inDoubt();
    for (let n = 0; n < 3; n += 1) {
      journey.world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    }
    await journey.world.relay(journey.id);
    await tamper(journey, (each) => ({
      ...each,
      task: each.task && { ...each.task, confirmedBytes: 17 },
    }));
    await journey.world.clock.advance(60_000);
    expect(await journey.world.deliver()).toEqual(["delivered"]);
    expect((await journey.world.get(journey.id)).deadTasks).toMatchObject([
      { why: "off_boundary" },
    ]);
  });
});

describe("a relay that must give way", () => {
  it("parks as long as TikTok asks, and hands longer waits to the poller", async () => {
    const { world, id, ids } = await queued();
    world.deps.relayQueue.take();
    const later = new RetryableError("rate_limited", "Later.", { retryAfterMs: 1_200_000 });
    const deps = withTikTok(world, { init: () => Promise.reject(later) });
    const deadlineMs = world.clock.nowMs() + 900_000;
    const run = relay(deps, { ...ids, owner: "relay-1", deadlineMs });
    expect(await world.clock.run(run)).toBe("parked");
    expect(world.deps.relayQueue.messages).toEqual([]);
    const untilMs = world.clock.nowMs() + 1_200_000;
    expect((await world.get(id)).waiting?.untilMs).toBe(untilMs);
    expect(await world.relay(id)).toBe("waiting");

    // The poller comes ahead of time, so that the message is there on time.
    await world.clock.advance(1_200_000 - 90_000);
    await world.poll();
    expect(world.deps.relayQueue.messages).toMatchObject([{ visibleAtMs: untilMs }]);
    await world.clock.advance(90_000);
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("stops waiting for a daily cap after three days", async () => {
    const { world, id } = await queued();
    await world.clock.advance(3 * 24 * 3_600_000 + 1);
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure).toMatchObject({
      code: "spam_risk_too_many_posts",
      isRetryable: true,
    });
  });

  it("writes nothing when it loses its lease while it fails", async () => {
    const journey = await queued();
    const { world, id, ids } = journey;
    const deps = withTikTok(world, {
      init: async () => {
        await tamper(journey, (each) => ({
          ...each,
          fence: each.fence + 1,
          lease: { owner: "newer", expiresAtMs: world.clock.nowMs() + 30_000 },
        }));
        throw new TikTokRefusal("spam_risk", "No.", { httpStatus: 403, logId: null });
      },
    });
    const deadlineMs = world.clock.nowMs() + 900_000;
    const run = relay(deps, { ...ids, owner: "older", deadlineMs });
    expect(await world.clock.run(run)).toBe("lost");
    expect(await world.get(id)).toMatchObject({ status: "relaying", lease: { owner: "newer" } });
  });

  it("is told when there is nothing to relay", async () => {
    const { world } = await queued();
    expect(await world.relay("gone")).toBe("gone");
  });

  it("lets our own bugs through, and keeps its lease for the poller to find", async () => {
    const { world, id, ids } = await queued();
    const bug = new TypeError("not a function");
    const deps = withTikTok(world, { init: () => Promise.reject(bug) });
    const deadlineMs = world.clock.nowMs() + 900_000;
    const run = relay(deps, { ...ids, owner: "relay-1", deadlineMs });
    await expect(world.clock.run(run)).rejects.toBe(bug);
    expect(await world.get(id)).toMatchObject({ status: "relaying", lease: { owner: "relay-1" } });
  });
});
