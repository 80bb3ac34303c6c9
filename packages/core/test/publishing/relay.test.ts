import {
  createWorld,
  openId,
  publicPost,
  sha256,
  userId,
  videoBytes,
} from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { cancel, relay } from "../../src/publishing/index.ts";

const megabyte = 1_000_000;

async function connectedWorld() {
  const world = createWorld();
  await world.connect();
  return world;
}

/** A world whose files of a few megabytes are sent in several chunks. */
async function chunkedWorld(chunkBytesMax: number) {
  const world = await connectedWorld();
  world.tiktok.rules.chunkBytesMax = chunkBytesMax;
  return world;
}

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
    expect(world.tiktok.initsRefusedForChunks).toBe(3);
  });

  it("sends nothing twice when a message is delivered again", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    await world.relay(id);

    expect(await world.relay(id)).toBe("settled");
    expect(world.tiktok.tasks).toHaveLength(1);
  });

  it("leaves a publication alone while another relay holds its lease", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    const deadlineMs = world.clock.nowMs() + 900_000;
    const first = relay(world.deps, { userId, publicationId: id, owner: "one", deadlineMs });
    const second = relay(world.deps, { userId, publicationId: id, owner: "two", deadlineMs });

    const results = await world.clock.run(Promise.all([first, second]));

    expect(results.sort()).toEqual(["busy", "delivered"]);
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

  it("continues after a crash with the next chunk, asking TikTok what arrived", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const bytes = videoBytes(22 * megabyte);
    const { id } = await world.upload(bytes);
    // The process dies inside its second chunk: nothing after this call ever runs.
    let calls = 0;
    const dying = {
      ...world.deps,
      sendChunk: (request: Parameters<typeof world.deps.sendChunk>[0]) => {
        calls += 1;
        return calls === 2 ? new Promise<never>(() => undefined) : world.deps.sendChunk(request);
      },
    };
    const dead = new AbortController();
    const clock = { ...world.clock, wait: (ms: number) => world.clock.wait(ms, dead.signal) };
    void relay(
      { ...dying, clock },
      { userId, publicationId: id, owner: "dies", deadlineMs: Number.MAX_SAFE_INTEGER },
    );
    await world.clock.advance(0);
    dead.abort();
    expect(calls).toBe(2);

    await world.clock.advance(90_000);
    await world.poll();
    expect(await world.deliver()).toContain("delivered");
    expect(world.tiktok.tasks).toHaveLength(1);
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
  });

  it("stops before the deadline and continues with another message", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const bytes = videoBytes(22 * megabyte);
    const { id } = await world.upload(bytes);
    world.deps.relayQueue.take();
    const slow = {
      ...world.deps,
      sendChunk: async (request: Parameters<typeof world.deps.sendChunk>[0]) => {
        await world.clock.wait(400_000);
        return world.deps.sendChunk(request);
      },
    };
    const run = () =>
      world.clock.run(
        relay(slow, {
          userId,
          publicationId: id,
          owner: "slow",
          deadlineMs: world.clock.nowMs() + 900_000,
        }),
      );

    expect(await run()).toBe("continued");
    const between = await world.get(id);
    expect(between.task?.confirmedBytes).toBe(7_333_333);
    expect(between.lease).toBeNull();
    expect(world.deps.relayQueue.messages).toHaveLength(1);
    let result = await run();
    for (let n = 0; n < 3 && result === "continued"; n += 1) result = await run();
    expect(result).toBe("delivered");
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
  });

  it("renews its lease in the middle of a slow chunk", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    const slow = {
      ...world.deps,
      sendChunk: async (request: Parameters<typeof world.deps.sendChunk>[0]) => {
        await world.clock.wait(120_000);
        return world.deps.sendChunk(request);
      },
    };
    const deadlineMs = world.clock.nowMs() + 900_000;
    const slowRun = relay(slow, { userId, publicationId: id, owner: "slow", deadlineMs });
    await world.clock.advance(100_000);

    const rival = relay(world.deps, { userId, publicationId: id, owner: "rival", deadlineMs });
    expect(await world.clock.run(rival)).toBe("busy");
    expect(await world.clock.run(slowRun)).toBe("delivered");
  });

  it("never writes again once a newer fence exists", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    // A stalled relay: its clock stands still, so it never renews, and its chunk ends long after its lease.
    let release: () => void = () => undefined;
    const stalled = {
      ...world.deps,
      clock: { nowMs: world.clock.nowMs, wait: () => new Promise<void>(() => undefined) },
      sendChunk: async () => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return { type: "accepted" as const, isLast: true };
      },
    };
    const owner = { userId, publicationId: id, deadlineMs: Number.MAX_SAFE_INTEGER };
    const stalledRun = relay(stalled, { ...owner, owner: "stalled" });
    await world.clock.advance(31_000);
    expect(await world.relay(id, "fresh")).toBe("delivered");
    const before = await world.get(id);

    release();
    // Its renewal timer never ends, so only the record can tell what it did.
    await Promise.race([stalledRun, world.clock.advance(1)]);
    await world.clock.advance(1);
    expect(await world.get(id)).toEqual(before);
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

  it("keeps inits within the account's window without a refusal from TikTok", async () => {
    const world = await connectedWorld();
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push((await world.upload(videoBytes(megabyte, n))).id);
    world.deps.relayQueue.take();

    const results: string[] = [];
    for (const id of ids) results.push(await world.relay(id));

    expect(results.filter((result) => result === "delivered")).toHaveLength(5);
    expect(results.filter((result) => result === "parked")).toHaveLength(2);
    await world.clock.advance(61_000);
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
    expect(publication.upload.isRemoved).toBe(true);
    expect(world.deps.storage.objects()).toEqual([]);
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

  it("ends a relay that never gets anywhere", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    world.deps.relayQueue.take();
    const broken = {
      ...world.deps,
      sendChunk: async () => ({ type: "unknown" as const, reason: "ECONNRESET" }),
    };
    let runs = 0;
    for (; (await world.get(id)).status !== "failed" && runs < 30; runs += 1) {
      const deadlineMs = world.clock.nowMs() + 900_000;
      await world.clock.run(relay(broken, { userId, publicationId: id, owner: "x", deadlineMs }));
      await world.clock.advance(900_000);
    }
    expect((await world.get(id)).failure?.code).toBe("relay_stuck");
    expect(runs).toBe(21);
  });

  it("cancels in the middle of a chunk and posts nothing", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const { id } = await world.upload(videoBytes(22 * megabyte));
    const deps = {
      ...world.deps,
      sendChunk: async (request: Parameters<typeof world.deps.sendChunk>[0]) => {
        if (request.firstByte === 0) await cancel(world.deps, { userId, publicationId: id });
        return world.deps.sendChunk(request);
      },
    };
    const deadlineMs = world.clock.nowMs() + 900_000;
    const run = relay(deps, { userId, publicationId: id, owner: "x", deadlineMs });

    expect(await world.clock.run(run)).toBe("cancelled");
    expect((await world.get(id)).status).toBe("cancelled");
    expect(world.tiktok.tasks[0]?.receivedBytes).toBeLessThan(22 * megabyte);
    expect(world.deps.storage.objects()).toEqual([]);
  });

  it("sends drafts to the inbox endpoint's post", async () => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte), { mode: "inbox" });
    expect(await world.relay(id)).toBe("delivered");
    expect(world.tiktok.tasks[0]?.post).toEqual({ mode: "inbox" });
    expect(publicPost.mode).toBe("direct");
  });
});
