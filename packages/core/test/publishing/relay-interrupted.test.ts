import { sha256, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { cancel, relay } from "../../src/publishing/index.ts";
import { chunkedWorld, connectedWorld, megabyte } from "./journey.ts";

/** A timer that does not go off; its signal ends it. */
function asleep(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}

describe("a relay that does not run alone or to its end", () => {
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

  it.each([
    { meanwhile: "taken over", expected: "lost", sent: 0 },
    { meanwhile: "cancelled", expected: "cancelled", sent: 0 },
    { meanwhile: "left alone", expected: "delivered", sent: 1 },
  ])("that slept past its lease before a chunk, and was $meanwhile, sends $sent", async (given) => {
    const world = await connectedWorld();
    const { id } = await world.upload(videoBytes(megabyte));
    // It sleeps between the opening of the range and the first byte; none of its timers wakes before it does.
    const opened = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    let isAsleep = true;
    let sent = 0;
    const sleeping = {
      ...world.deps,
      clock: {
        nowMs: world.clock.nowMs,
        wait: (ms: number, signal?: AbortSignal) =>
          isAsleep ? asleep(signal) : world.clock.wait(ms, signal),
      },
      ranges: {
        openRange: async (options: Parameters<typeof world.deps.ranges.openRange>[0]) => {
          const body = await world.deps.ranges.openRange(options);
          opened.resolve();
          await woken.promise;
          return body;
        },
      },
      sendChunk: (request: Parameters<typeof world.deps.sendChunk>[0]) => {
        sent += 1;
        return world.deps.sendChunk(request);
      },
    };
    const ids = { userId, publicationId: id };
    const deadlineMs = Number.MAX_SAFE_INTEGER;
    const run = relay(sleeping, { ...ids, owner: "sleeper", deadlineMs });
    await opened.promise;
    await world.clock.advance(31_000);
    if (given.meanwhile === "taken over") {
      const successor = { ...world.deps, sendChunk: () => new Promise<never>(() => undefined) };
      void relay(successor, { ...ids, owner: "successor", deadlineMs });
      await world.clock.advance(0);
    }
    if (given.meanwhile === "cancelled") await cancel(world.deps, ids);

    isAsleep = false;
    woken.resolve();
    expect(await world.clock.run(run)).toBe(given.expected);
    expect(sent).toBe(given.sent);
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
});
