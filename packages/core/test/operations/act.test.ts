import { createWorld, openId, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { ask, disconnectAll, requeue } from "../../src/operations/index.ts";
import { cancel } from "../../src/publishing/index.ts";
import { takePlace } from "../../src/publishing/rate.ts";
import { withTikTok } from "../faults.ts";
import { processing, queued, tamper } from "../publishing/journey.ts";

describe("requeue", () => {
  it("sends the message of a queued publication again, and only that", async () => {
    const { world, id } = await queued();
    world.deps.relayQueue.take();
    const before = await world.get(id);
    await requeue(world.deps, id);
    expect(await world.get(id)).toEqual(before);
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("wakes one whose relay died, and can be repeated without harm", async () => {
    const journey = await queued();
    const { world, id } = journey;
    world.deps.relayQueue.take();
    const expiresAtMs = world.clock.nowMs();
    await tamper(journey, (publication) => ({
      ...publication,
      status: "relaying",
      lease: { owner: "dead", expiresAtMs },
    }));
    await requeue(world.deps, id);
    await requeue(world.deps, id);
    await world.deliver();
    expect((await world.get(id)).status).toBe("processing");
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("wakes one that waits for the user's other videos, or that is to be cancelled", async () => {
    const journey = await queued();
    const { world, id } = journey;
    world.deps.relayQueue.take();
    const untilMs = world.clock.nowMs() + 900_000;
    const waiting = { reason: "own_videos_first", untilMs };
    await tamper(journey, (publication) => ({ ...publication, waiting }));
    await requeue(world.deps, id);
    expect(world.deps.relayQueue.messages).toHaveLength(1);
    const cap = { reason: "rate_limited", untilMs };
    const cancelRequestedAtMs = world.clock.nowMs();
    await tamper(journey, (publication) => ({ ...publication, waiting: cap, cancelRequestedAtMs }));
    await requeue(world.deps, id);
    expect(world.deps.relayQueue.messages).toHaveLength(2);
  });

  it("refuses where a message could do nothing, and says what the publication waits for", async () => {
    const held = await queued();
    const { world, id, ids } = held;
    const nowMs = world.clock.nowMs();
    const lease = { owner: "relay-1", expiresAtMs: nowMs + 1 };
    world.deps.relayQueue.take();
    await tamper(held, (publication) => ({ ...publication, status: "relaying", lease }));
    await expect(requeue(world.deps, id)).rejects.toThrow("sending it now");

    const waiting = { reason: "spam_risk_too_many_posts", untilMs: nowMs + 60_000 };
    await tamper(held, (publication) => ({ ...publication, lease: null, waiting }));
    await expect(requeue(world.deps, id)).rejects.toThrow("spam_risk_too_many_posts");

    await tamper(held, (publication) => ({ ...publication, status: "queued", waiting: null }));
    await cancel(world.deps, ids);
    await expect(requeue(world.deps, id)).rejects.toThrow("cancelled");
    const begun = await world.begin(videoBytes(1_000));
    await expect(requeue(world.deps, begun.value.id)).rejects.toThrow("upload is not complete");
    const other = await processing();
    other.world.deps.relayQueue.take();
    await expect(requeue(other.world.deps, other.id)).rejects.toMatchObject({
      code: "not_waiting",
    });
    expect([...world.deps.relayQueue.messages, ...other.world.deps.relayQueue.messages]).toEqual(
      [],
    );
  });
});

describe("ask", () => {
  it("settles a publication of which TikTok has news", async () => {
    const { world, id, task } = await processing();
    world.tiktok.finish(task, { stage: "published", postIds: ["7600000000000000123"] });
    const { publication, tiktok } = await ask(world.deps, id);
    expect(tiktok.stage).toBe("published");
    expect(publication).toMatchObject({ status: "published", postIds: ["7600000000000000123"] });
  });

  it("leaves the schedule alone while TikTok has none", async () => {
    const { world, id } = await processing();
    const before = await world.get(id);
    expect((await ask(world.deps, id)).tiktok.stage).toBe("uploading");
    expect(await world.get(id)).toEqual(before);
  });

  it("finds the link of a published post", async () => {
    const { world, id, task } = await processing();
    world.tiktok.finish(task, { stage: "published" });
    expect((await ask(world.deps, id)).publication).toMatchObject({
      status: "published",
      postIds: [],
    });
    world.tiktok.finish(task, { stage: "published", postIds: ["77"] });
    expect((await ask(world.deps, id)).publication.postIds).toEqual(["77"]);
  });

  it("tells what TikTok says of an ended one, and changes nothing", async () => {
    const journey = await processing();
    const { world, id, task } = journey;
    const failure = { code: "outcome_unknown", message: "Look there.", isRetryable: false };
    await tamper(journey, (publication) => ({ ...publication, status: "failed", failure }));
    world.tiktok.finish(task, { stage: "published", postIds: ["77"] });
    const before = await world.get(id);
    const { publication, tiktok } = await ask(world.deps, id);
    expect(tiktok).toMatchObject({ stage: "published", postIds: ["77"] });
    expect(publication).toEqual(before);
  });

  it("keeps within TikTok's rate, and says why there is no answer", async () => {
    const { world, id, task } = await processing();
    const down = withTikTok(world, {
      status: () =>
        Promise.reject(new RetryableError("tiktok_unreachable", "Down.", { retryAfterMs: 5 })),
    });
    await expect(ask(down, id)).rejects.toMatchObject({ kind: "unavailable", message: "Down." });
    world.tiktok.refuseNext("status", "invalid_publish_id");
    await expect(ask(world.deps, id)).rejects.toThrow("invalid_publish_id");
    for (let n = 0; n < 28; n += 1) await takePlace(world.deps, { userId, openId }, "status");
    await expect(ask(world.deps, id)).rejects.toMatchObject({ code: "rate_limited" });
    await world.clock.advance(71_000);
    await markReconnect(world.deps, { userId, openId, reason: "auth_removed" });
    await expect(ask(world.deps, id)).rejects.toMatchObject({ code: "reconnect_required" });
    expect(task.stage).toBe("uploading");
  });

  it("has nothing to ask before there is a task, and passes on what is a bug", async () => {
    const { world, id } = await queued();
    await expect(ask(world.deps, id)).rejects.toMatchObject({ code: "not_waiting" });
    const other = await processing();
    const broken = withTikTok(other.world, {
      status: () => Promise.reject(new TypeError("a bug")),
    });
    await expect(ask(broken, other.id)).rejects.toThrow(TypeError);
  });
});

describe("disconnectAll", () => {
  it("revokes every account of the user, and no other's", async () => {
    const world = createWorld();
    await world.connect(userId, "one");
    await world.connect(userId, "two");
    await world.connect("user-2", "three");
    const all = await disconnectAll(world.deps, userId);
    expect(all).toMatchObject([
      { openId: "one", isDisconnected: true },
      { openId: "two", isDisconnected: true },
    ]);
    const accounts = world.deps.table.rows().filter(({ sk }) => sk.startsWith("ACCOUNT#"));
    expect(accounts.map(({ sk }) => sk)).toEqual(["ACCOUNT#three"]);
    expect(await disconnectAll(world.deps, userId)).toEqual([]);
  });

  it("keeps an account that TikTok could not be asked about, and goes on with the others", async () => {
    const world = createWorld();
    await world.connect(userId, "one");
    await world.connect(userId, "two");
    let calls = 0;
    const shaky = withTikTok(world, {
      revoke: async (token) => {
        calls += 1;
        if (calls === 1)
          throw new RetryableError("tiktok_unreachable", "Down.", { retryAfterMs: 5 });
        return world.tiktok.api.revoke(token);
      },
    });
    expect(await disconnectAll(shaky, userId)).toMatchObject([
      { openId: "one", isDisconnected: false, why: expect.stringContaining("cannot be reached") },
      { openId: "two", isDisconnected: true, why: null },
    ]);
    expect(await disconnectAll(world.deps, userId)).toMatchObject([
      { openId: "one", isDisconnected: true },
    ]);
  });
});
