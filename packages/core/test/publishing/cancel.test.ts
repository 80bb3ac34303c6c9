import { videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { apply } from "../../src/publishing/apply.ts";
import { cancel } from "../../src/publishing/index.ts";
import { withTikTok } from "../faults.ts";
import {
  connectedWorld,
  type Journey,
  megabyte,
  minuteMs,
  processing,
  queued,
  tamper,
} from "./journey.ts";

const accepts = async () => undefined;

describe("cancel before bytes are sent", () => {
  it("ends an upload at once and empties storage", async () => {
    const world = await connectedWorld();
    const { value } = await world.begin(videoBytes(megabyte));
    const ids = { userId: value.userId, publicationId: value.id };
    expect(await cancel(world.deps, ids)).toMatchObject({ status: "cancelled" });
    expect(world.deps.storage.openUploads()).toBe(0);
  });

  it.each(["opened", "joined"])(
    "leaves nothing of an upload that a dying request has %s after it",
    async (step) => {
      const world = await connectedWorld();
      const { value } = await world.begin(videoBytes(megabyte));
      const ids = { userId: value.userId, publicationId: value.id };
      const { key } = value.upload;
      await cancel(world.deps, ids);
      // The request began before, and was cut off before it could clean up.
      const { storage } = world.deps;
      const uploadId = await storage.createUpload({ key, contentType: "video/mp4" });
      if (step === "joined") await storage.completeUpload({ key, uploadId, parts: [] });

      await world.clock.advance(minuteMs);
      await world.poll();
      expect(storage.openUploads()).toBe(0);
      expect(storage.objects()).toEqual([]);
      expect(await world.get(value.id)).toMatchObject({
        dueAtMs: null,
        upload: { isRemoved: true },
      });
    },
  );

  it("ends a queued publication, whose relay message then means nothing", async () => {
    const { world, ids } = await queued();
    expect(await cancel(world.deps, ids)).toMatchObject({ status: "cancelled" });
    expect(await world.deliver()).toEqual(["settled"]);
    expect(world.tiktok.tasks).toEqual([]);
    expect(world.deps.storage.objects()).toEqual([]);
  });
});

describe("cancel while bytes are sent", () => {
  async function parked(): Promise<Journey> {
    const journey = await queued();
    journey.world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1) {
      journey.world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    }
    expect(await journey.world.relay(journey.id)).toBe("parked");
    journey.world.deps.relayQueue.messages = [];
    return journey;
  }

  it("wakes a parked relay, which ends it", async () => {
    const { world, id, ids } = await parked();
    const asked = await cancel(world.deps, ids);
    expect(asked).toMatchObject({
      status: "relaying",
      cancelRequestedAtMs: world.clock.nowMs(),
    });
    expect(await world.deliver()).toEqual(["cancelled"]);
    expect((await world.get(id)).status).toBe("cancelled");
    expect(world.tiktok.tasks[0]?.receivedBytes).toBe(0);
  });

  it("tells the truth when TikTok already has everything: the post goes on", async () => {
    const { world, id, ids } = await parked();
    const [task] = world.tiktok.tasks;
    if (task) task.receivedBytes = megabyte;
    await cancel(world.deps, ids);
    expect(await world.deliver()).toEqual(["delivered"]);
    expect((await world.get(id)).status).toBe("processing");
  });

  it("ends it when TikTok has refused the video anyway", async () => {
    const { world, ids } = await parked();
    const [task] = world.tiktok.tasks;
    if (task) world.tiktok.finish(task, { stage: "failed", failReason: "spam_risk" });
    await cancel(world.deps, ids);
    expect(await world.deliver()).toEqual(["cancelled"]);
  });

  it("waits for TikTok's word when TikTok is silent", async () => {
    const { world, id, ids } = await parked();
    await cancel(world.deps, ids);
    world.tiktok.refuseNext("status", "invalid_publish_id");
    expect(await world.deliver()).toEqual(["parked"]);
    expect((await world.get(id)).status).toBe("relaying");
    await world.clock.advance(10 * minuteMs);
    expect(await world.deliver()).toEqual(["cancelled"]);
  });

  it("ends a publication that is parked before its first task", async () => {
    const { world, id, ids } = await queued();
    world.deps.relayQueue.take();
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    await world.relay(id);
    await cancel(world.deps, ids);
    expect(await world.deliver()).toEqual(["cancelled"]);
  });
});

describe("cancel while TikTok processes", () => {
  it("says no when TikTok does, and changes nothing", async () => {
    const { world, id, ids } = await processing();
    const before = await world.get(id);
    await expect(cancel(world.deps, ids)).rejects.toMatchObject({
      kind: "conflict",
      code: "not_cancellable",
    });
    expect(await world.get(id)).toEqual(before);
  });

  it("asks for it, and is cancelled on TikTok's word", async () => {
    const { world, id, ids, task } = await processing();
    const asked = await cancel(withTikTok(world, { cancel: accepts }), ids);
    expect(asked).toMatchObject({ status: "processing" });
    world.tiktok.finish(task, { stage: "failed", failReason: "publish_cancelled" });
    await world.clock.advance(5_000);
    await world.deliver();
    expect((await world.get(id)).status).toBe("cancelled");
  });

  it("tells the truth when the post came out nevertheless", async () => {
    const { world, id, ids, task } = await processing();
    await cancel(withTikTok(world, { cancel: accepts }), ids);
    world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
    await world.clock.advance(5_000);
    await world.deliver();
    expect((await world.get(id)).status).toBe("published");
  });

  it("asks nobody when no task is on record", async () => {
    const journey = await processing();
    await tamper(journey, (publication) => ({ ...publication, task: null }));
    const result = await cancel(journey.world.deps, journey.ids);
    expect(result.cancelRequestedAtMs).not.toBeNull();
  });

  it.each([
    ["rate_limited", "too-many"],
    ["tiktok_unreachable", "unavailable"],
  ])("answers %s with the time to come back", async (code, kind) => {
    const { world, id, ids } = await processing();
    const later = new RetryableError(code, "Later.", { retryAfterMs: 7_000 });
    const deps = withTikTok(world, { cancel: () => Promise.reject(later) });
    await expect(cancel(deps, ids)).rejects.toMatchObject({ kind, code, retryAfterMs: 7_000 });
    expect((await world.get(id)).cancelRequestedAtMs).toBeNull();
  });

  it("asks to reconnect when only that would help", async () => {
    const { world, ids } = await processing();
    const owner = { userId: ids.userId, openId: "-000creator" };
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    await expect(cancel(world.deps, ids)).rejects.toMatchObject({
      kind: "conflict",
      code: "reconnect_required",
    });
  });

  it("lets our own bugs through", async () => {
    const { world, ids } = await processing();
    const bug = new TypeError("not a function");
    const deps = withTikTok(world, { cancel: () => Promise.reject(bug) });
    await expect(cancel(deps, ids)).rejects.toBe(bug);
  });
});

describe("cancel at the wrong time or by the wrong user", () => {
  it.each([
    ["published", { type: "published" as const, postIds: [] }, "published"],
    ["in the inbox", { type: "delivered-to-inbox" as const }, "in inbox"],
    ["cancelled", { type: "cancelled" as const }, "cancelled"],
  ])("is refused when it is %s", async (_name, event, word) => {
    const { world, id, ids } = await processing();
    await apply(world.deps, { pk: `USER#${ids.userId}`, sk: `PUBLICATION#${id}` }, event);
    const refusal = cancel(world.deps, ids);
    await expect(refusal).rejects.toMatchObject({ code: "not_cancellable" });
    await expect(refusal).rejects.toThrow(`already ${word}.`);
  });

  it("is refused when it ends at the very moment", async () => {
    const { world, id, ids } = await processing();
    const key = { pk: `USER#${ids.userId}`, sk: `PUBLICATION#${id}` };
    const deps = withTikTok(world, {
      cancel: async () => {
        await apply(world.deps, key, { type: "published", postIds: [] });
      },
    });
    await expect(cancel(deps, ids)).rejects.toThrow("ended in this moment");
  });

  it("answers another user's publication as if it did not exist", async () => {
    const { world, id, ids } = await queued();
    const foreign = cancel(world.deps, { ...ids, userId: "user-2" });
    await expect(foreign).rejects.toMatchObject({ kind: "not-found" });
    expect((await world.get(id)).status).toBe("queued");
  });
});
