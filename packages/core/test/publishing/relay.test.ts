import { openId, publicPost, sha256, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { chunkedWorld, connectedWorld, megabyte } from "./journey.ts";

describe("relay", () => {
  it("sends one whole chunk and hands over to the checks", async () => {
    const world = await connectedWorld();
    const bytes = videoBytes(3 * megabyte);
    const { id } = await world.upload(bytes);

    expect(await world.relay(id)).toBe("delivered");

    const publication = await world.get(id);
    expect(publication.status).toBe("processing");
    expect(publication.lease).toBeNull();
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
    expect(world.deps.checkQueue.messages).toHaveLength(1);
  });

  it("walks the fallback plans when TikTok refuses the chunk size, and remembers what was accepted", async () => {
    const world = await chunkedWorld(5_600_000);
    const first = await world.upload(videoBytes(22 * megabyte));
    await world.relay(first.id);
    expect(world.tiktok.tasks[0]?.plan).toEqual({ chunkBytes: 5_500_000, chunkCount: 4 });

    const second = await world.upload(videoBytes(22 * megabyte, 2));
    world.tiktok.refuseNext("init", "spam_risk");
    expect(await world.relay(second.id)).toBe("failed");
    // The first publication used up the account's minute.
    await world.clock.advance(61_000);
    const third = await world.upload(videoBytes(22 * megabyte, 3));
    expect(await world.relay(third.id)).toBe("delivered");
    // The first two aims cut this file alike, so three plans were tried, once.
    expect(world.tiktok.initsRefusedForChunks).toBe(2);
  });

  it("sends nothing twice when a message is delivered again", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    await world.relay(id);

    expect(await world.relay(id)).toBe("settled");
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("asks TikTok after a lost answer and does not send the chunk again", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const bytes = videoBytes(22 * megabyte);
    const { id } = await world.upload(bytes);
    world.tiktok.chunkScript.push("lose");

    expect(await world.relay(id)).toBe("delivered");

    const [task] = world.tiktok.tasks;
    expect(world.tiktok.tasks).toHaveLength(1);
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
  });

  it("finds out that the last chunk arrived although its answer was lost", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.tiktok.chunkScript.push("lose");

    expect(await world.relay(id)).toBe("delivered");
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("repeats a chunk that did not arrive", async () => {
    const world = await connectedWorld();
    const bytes = videoBytes(megabyte);
    const { id } = await world.upload(bytes);
    world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });

    expect(await world.relay(id)).toBe("delivered");
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
  });

  it("parks after a chunk failed several times, and goes on when its delayed message comes", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1)
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });

    expect(await world.relay(id)).toBe("parked");
    expect((await world.get(id)).waiting?.reason).toBe("chunk_failed");

    await world.clock.advance(60_000);
    expect(await world.deliver()).toEqual(["delivered"]);
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("begins a new task only when TikTok says that the old URL is dead and bytes are missing", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const bytes = videoBytes(22 * megabyte);
    const { id } = await world.upload(bytes);
    world.tiktok.chunkScript.push({ type: "gone", httpStatus: 403 });

    expect(await world.relay(id)).toBe("delivered");

    const publication = await world.get(id);
    expect(publication.deadTasks.map((task) => task.why)).toEqual(["upload_url_expired"]);
    expect(world.tiktok.tasks).toHaveLength(2);
    const last = world.tiktok.tasks[1];
    expect(last && world.tiktok.sha256(last)).toBe(sha256(bytes));
  });

  it("keeps the task when a 404 comes after TikTok has everything", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.tiktok.chunkScript.push("lose");
    await world.relay(id);
    expect((await world.get(id)).deadTasks).toEqual([]);
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("parks for the daily cap, says until when, and is found by the poller", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.deps.relayQueue.take();
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");

    expect(await world.relay(id)).toBe("parked");
    const parked = await world.get(id);
    expect(parked.waiting?.untilMs).toBe(world.clock.nowMs() + 3_600_000);
    expect(world.deps.relayQueue.messages).toHaveLength(0);

    await world.clock.advance(3_600_000);
    await world.poll();
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("meets a daily cap once: the account's other posts wait for its end without asking", async () => {
    const world = await connectedWorld();
    const first = await world.upload(videoBytes(megabyte));
    const second = await world.upload(videoBytes(megabyte, 2));
    const draft = await world.upload(videoBytes(megabyte, 3), { mode: "inbox" });
    world.deps.relayQueue.take();
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    expect(await world.relay(first.id)).toBe("parked");
    // TikTok would take it now, so it was not asked.
    expect(await world.relay(second.id)).toBe("parked");
    expect((await world.get(second.id)).waiting).toEqual((await world.get(first.id)).waiting);
    expect(await world.relay(draft.id)).toBe("delivered");

    await world.clock.advance(3_600_000);
    await world.poll();
    expect(await world.deliver()).toEqual(["delivered", "delivered"]);
  });

  it("asks once more for a post that has waited for a cap too long", async () => {
    const world = await connectedWorld();
    const first = await world.upload(videoBytes(megabyte));
    await world.clock.advance(3 * 24 * 3_600_000 + 1);
    const second = await world.upload(videoBytes(megabyte, 2));
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    expect(await world.relay(second.id)).toBe("parked");
    expect(await world.relay(first.id)).toBe("failed");
  });

  it("keeps inits within the account's window without a refusal from TikTok", async () => {
    const world = await connectedWorld();
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push((await world.upload(videoBytes(megabyte, n))).id);
    world.deps.relayQueue.take();

    const results: string[] = [];
    for (const id of ids) results.push(await world.relay(id));

    expect(results.filter((result) => result === "delivered")).toHaveLength(5);
    expect(results.filter((result) => result === "parked")).toHaveLength(2);
    await world.clock.advance(120_000);
    expect(await world.deliver()).toEqual(["delivered", "delivered"]);
  });

  it.each([
    ["spam_risk_user_banned_from_posting", false],
    ["unaudited_client_can_only_post_to_private_accounts", true],
    ["privacy_level_option_mismatch", true],
    ["spam_risk", false],
  ])("fails with TikTok's reason %s", async (code, isRetryable) => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.tiktok.refuseNext("init", code);

    expect(await world.relay(id)).toBe("failed");

    const publication = await world.get(id);
    expect(publication.failure).toMatchObject({ code, isRetryable });
    // What the creator can mend is kept for another attempt.
    expect(publication.upload.isRemoved).toBe(!isRetryable);
    expect(world.deps.storage.objects()).toHaveLength(isRetryable ? 1 : 0);
  });

  it("refreshes a token that TikTok no longer accepts, once", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.tiktok.expireTokens();

    expect(await world.relay(id)).toBe("delivered");
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("fails with reconnect when the account was disconnected meanwhile", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    await markReconnect(world.deps, { userId, openId, reason: "auth_removed" });

    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure?.code).toBe("reconnect_required");
  });

  it("fails when the object is no longer the one that was uploaded", async () => {
    const world = await connectedWorld();
    const { id, upload } = await world.upload(videoBytes(megabyte));
    world.deps.storage.overwrite(upload.key, videoBytes(megabyte, 2));

    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure?.code).toBe("video_missing");
    expect(world.tiktok.tasks[0]?.receivedBytes).toBe(0);
  });

  it("sends drafts to the inbox endpoint's post", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte), { mode: "inbox" });
    expect(await world.relay(id)).toBe("delivered");
    expect(world.tiktok.tasks[0]?.post).toEqual({ mode: "inbox" });
    expect(publicPost.mode).toBe("direct");
  });
});
