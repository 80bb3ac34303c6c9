import { openId, userId } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { findAccount } from "../../src/auth/index.ts";
import { heed } from "../../src/publishing/index.ts";
import type { WebhookEvent } from "../../src/tiktok/index.ts";
import { connectedWorld, processing } from "./journey.ts";

function hook(changes: Partial<WebhookEvent>): WebhookEvent {
  return {
    event: "post.publish.complete",
    openId,
    publishId: null,
    createdAtMs: 1_800_000_000_000,
    isStale: false,
    ...changes,
  };
}

describe("heed", () => {
  it("has the publication looked at, and believes TikTok's status only", async () => {
    const { world, id, task } = await processing();
    world.deps.checkQueue.messages = [];
    await heed(world.deps, hook({ publishId: task.publishId }));
    expect(world.deps.checkQueue.messages).toMatchObject([
      { groupId: userId, visibleAtMs: world.clock.nowMs() },
    ]);
    await world.deliver();
    expect((await world.get(id)).status).toBe("processing");

    world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
    await heed(world.deps, hook({ publishId: task.publishId, isStale: true }));
    await world.deliver();
    expect((await world.get(id)).status).toBe("published");
  });

  it.each([
    ["an id that is not ours", { publishId: "v_pub_file~v2-1.999" }],
    ["another account", { openId: "-000stranger" }],
    ["an event without an id", { publishId: null, event: "portability.download.ready" }],
  ])("ignores %s", async (_name, changes) => {
    const { world, task } = await processing();
    world.deps.checkQueue.messages = [];
    await heed(world.deps, hook({ publishId: task.publishId, ...changes }));
    expect(world.deps.checkQueue.messages).toEqual([]);
  });

  it("marks an account whose creator has removed the app", async () => {
    const world = await connectedWorld();
    const removed = hook({ event: "authorization.removed", createdAtMs: world.clock.nowMs() });
    await heed(world.deps, removed);
    const account = await findAccount(world.deps, { userId, openId });
    expect(account.value.reconnectReason).toBe("auth_removed");
  });

  it("does not let an old removal undo a newer login", async () => {
    const world = await connectedWorld();
    const removed = hook({ event: "authorization.removed", createdAtMs: world.clock.nowMs() - 1 });
    await heed(world.deps, removed);
    const account = await findAccount(world.deps, { userId, openId });
    expect(account.value.reconnectReason).toBeNull();
  });

  it("ignores a removal of an account that nobody has", async () => {
    const world = await connectedWorld();
    await heed(world.deps, hook({ event: "authorization.removed", openId: "-000stranger" }));
    expect(world.deps.log.lines).toContainEqual({
      event: "webhook",
      hook: "authorization.removed",
      isStale: false,
    });
  });
});
