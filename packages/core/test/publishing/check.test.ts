import { createWorld, publicPost } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { check, parseCheckMessage } from "../../src/publishing/index.ts";
import { withTikTok } from "../faults.ts";
import { type Journey, minuteMs, processing, queued, tamper } from "./journey.ts";

/** Time passes until the next quick check is visible, which is then delivered. Answers how long it took. */
async function nextCheck({ world }: Journey): Promise<number> {
  const [message] = world.deps.checkQueue.messages;
  const delayMs = (message?.visibleAtMs ?? Number.NaN) - world.clock.nowMs();
  await world.clock.advance(delayMs);
  await world.deliver();
  return delayMs;
}

describe("check", () => {
  it("settles a post with its ids and empties storage", async () => {
    const journey = await processing();
    journey.world.tiktok.finish(journey.task, { stage: "published", postIds: ["76000000000123"] });
    await nextCheck(journey);

    const publication = await journey.world.get(journey.id);
    expect(publication).toMatchObject({
      status: "published",
      postIds: ["76000000000123"],
      dueAtMs: null,
      upload: { isRemoved: true },
    });
    expect(journey.world.deps.storage.objects()).toEqual([]);
  });

  it("settles a draft when it is in the creator's inbox", async () => {
    const journey = await processing({ mode: "inbox" });
    journey.world.tiktok.finish(journey.task, { stage: "in_inbox" });
    await nextCheck(journey);
    expect(await journey.world.get(journey.id)).toMatchObject({ status: "in_inbox" });
  });

  it.each([
    ["frame_rate_check_failed", "frame_rate_check_failed", false],
    ["internal", "internal", true],
    [undefined, "internal", true],
    ["a_reason_of_tomorrow", "a_reason_of_tomorrow", false],
    ["publish_cancelled", "publish_cancelled", true],
  ])("settles TikTok's failure %s with a sentence", async (failReason, code, isRetryable) => {
    const journey = await processing();
    journey.world.tiktok.finish(journey.task, {
      stage: "failed",
      ...(failReason === undefined ? {} : { failReason }),
    });
    await nextCheck(journey);
    const { status, failure } = await journey.world.get(journey.id);
    expect({ status, failure }).toMatchObject({ status: "failed", failure: { code, isRetryable } });
    expect(failure?.message).toMatch(/^[A-Z].*\.$/);
  });

  it("calls it cancelled when the creator had asked for that", async () => {
    const journey = await processing();
    await tamper(journey, (publication) => ({ ...publication, cancelRequestedAtMs: 1 }));
    journey.world.tiktok.finish(journey.task, { stage: "failed", failReason: "publish_cancelled" });
    await nextCheck(journey);
    expect(await journey.world.get(journey.id)).toMatchObject({ status: "cancelled" });
  });

  it("knows nothing of publications that are gone, still uploading or settled", async () => {
    const { deps } = createWorld();
    await check(deps, { userId: "user-1", publicationId: "gone", check: 0 });
    expect(deps.table.rows()).toEqual([]);

    const journey = await queued();
    const before = await journey.world.get(journey.id);
    await check(journey.world.deps, { ...journey.ids, check: 0 });
    expect(await journey.world.get(journey.id)).toEqual(before);
  });
});

describe("the schedule of checks", () => {
  it("doubles from 5 s to 640 s, then leaves the rest to the poller every 15 minutes", async () => {
    const journey = await processing();
    const delays: number[] = [];
    for (let n = 0; n < 8; n += 1) delays.push(await nextCheck(journey));

    expect(delays.map((ms) => ms / 1000)).toEqual([5, 10, 20, 40, 80, 160, 320, 640]);
    expect(journey.world.deps.checkQueue.messages).toEqual([]);
    for (let n = 0; n < 3; n += 1) {
      const { dueAtMs } = await journey.world.get(journey.id);
      expect(dueAtMs).toBe(journey.world.clock.nowMs() + 15 * minuteMs);
      await journey.world.clock.advance(15 * minuteMs);
      await journey.world.poll();
    }
  });

  it("is carried on by the poller a minute after a message was lost", async () => {
    const journey = await processing();
    journey.world.deps.checkQueue.take();
    journey.world.deps.checkQueue.messages = [];
    await journey.world.clock.advance(65_000);
    await journey.world.poll();
    expect(journey.world.deps.checkQueue.messages).toHaveLength(1);
    expect(await nextCheck(journey)).toBe(10_000);
  });

  it("goes on alone when a message comes twice", async () => {
    const journey = await processing();
    await journey.world.clock.advance(5_000);
    const [message] = journey.world.deps.checkQueue.take();
    const input = parseCheckMessage(message?.body ?? "");
    for (let n = 0; n < 3; n += 1) await check(journey.world.deps, input);
    expect(journey.world.deps.checkQueue.messages).toHaveLength(1);
    expect((await journey.world.get(journey.id)).checks).toBe(1);
  });

  it("is not disturbed by a webhook's check that finds nothing new", async () => {
    const journey = await processing();
    const before = await journey.world.get(journey.id);
    await check(journey.world.deps, { ...journey.ids, check: null });
    expect(await journey.world.get(journey.id)).toEqual(before);
    expect(journey.world.deps.checkQueue.messages).toHaveLength(1);
  });

  it("waits as long as TikTok asks, and does not ask while the account's window is full", async () => {
    const journey = await processing();
    const slow = new RetryableError("rate_limited", "Later.", { retryAfterMs: 60_000 });
    const deps = withTikTok(journey.world, { status: () => Promise.reject(slow) });
    await journey.world.clock.advance(5_000);
    journey.world.deps.checkQueue.take();
    await check(deps, { ...journey.ids, check: 0 });
    expect(journey.world.deps.checkQueue.messages).toMatchObject([
      { visibleAtMs: journey.world.clock.nowMs() + 60_000 },
    ]);

    let asked = 0;
    const counting = withTikTok(journey.world, {
      status: (...input) => {
        asked += 1;
        return journey.world.deps.tiktok.status(...input);
      },
    });
    for (let n = 0; n < 40; n += 1) await check(counting, { ...journey.ids, check: null });
    expect(asked).toBe(27);
  });

  it("says nothing when the publication was settled while TikTok was asked", async () => {
    const journey = await processing();
    const { world, ids } = journey;
    const deps = withTikTok(world, {
      status: async (...input) => {
        const answer = await world.deps.tiktok.status(...input);
        world.tiktok.finish(journey.task, { stage: "published", postIds: ["1"] });
        await check(world.deps, { ...ids, check: null });
        return answer;
      },
    });
    await check(deps, { ...ids, check: 0 });
    expect(await world.get(journey.id)).toMatchObject({ status: "published", postIds: ["1"] });
    // Only the message of the start is there.
    expect(world.deps.checkQueue.messages).toHaveLength(1);
  });
});

describe("an outcome that TikTok does not tell", () => {
  it("asks the creator to look, and offers no second try", async () => {
    const journey = await processing();
    journey.world.tiktok.refuseNext("status", "token_not_authorized_for_specified_publish_id");
    await nextCheck(journey);
    expect((await journey.world.get(journey.id)).failure).toMatchObject({
      code: "outcome_unknown",
      isRetryable: false,
    });
  });

  it("names the reconnection that would have been needed", async () => {
    const journey = await processing();
    const { userId, publicationId: _ } = journey.ids;
    await markReconnect(journey.world.deps, {
      userId,
      openId: "-000creator",
      reason: "auth_removed",
    });
    await nextCheck(journey);
    const { failure } = await journey.world.get(journey.id);
    expect(failure).toMatchObject({ code: "reconnect_required", isRetryable: false });
    expect(failure?.message).toContain("already received the whole video");
  });

  it("tolerates an id that TikTok does not know yet, for an hour", async () => {
    const journey = await processing();
    journey.task.publishId = "forgotten";
    await nextCheck(journey);
    await journey.world.clock.advance(59 * minuteMs);
    await journey.world.poll();
    expect(await journey.world.get(journey.id)).toMatchObject({ status: "processing" });

    await journey.world.clock.advance(15 * minuteMs);
    await journey.world.poll();
    expect((await journey.world.get(journey.id)).failure?.code).toBe("outcome_unknown");
  });

  it("is waited for a week, because moderation takes its time", async () => {
    const journey = await processing();
    await journey.world.clock.advance(7 * 24 * 60 * minuteMs - 1);
    await journey.world.poll();
    expect(await journey.world.get(journey.id)).toMatchObject({ status: "processing" });

    // TikTok's own word counts however late it comes.
    await journey.world.clock.advance(60 * minuteMs);
    const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 2_000 });
    const deps = withTikTok(journey.world, { status: () => Promise.reject(silence) });
    await check(deps, { ...journey.ids, check: null });
    expect((await journey.world.get(journey.id)).failure?.code).toBe("outcome_unknown");
  });

  it("is asked for again when the record has no task to ask about", async () => {
    const journey = await processing();
    await tamper(journey, (publication) => ({ ...publication, task: null }));
    expect(await nextCheck(journey)).toBe(5_000);
    expect(await nextCheck(journey)).toBe(10_000);
    expect((await journey.world.get(journey.id)).status).toBe("processing");
  });

  it("is none of TikTok's when the bug is ours", async () => {
    const journey = await processing();
    const bug = new TypeError("not a function");
    const deps = withTikTok(journey.world, { status: () => Promise.reject(bug) });
    await expect(check(deps, { ...journey.ids, check: 0 })).rejects.toBe(bug);
    expect((await journey.world.get(journey.id)).status).toBe("processing");
  });
});

describe("the link of a published post", () => {
  async function published(post = publicPost) {
    const journey = await processing(post);
    journey.world.tiktok.finish(journey.task, { stage: "published" });
    await nextCheck(journey);
    return journey;
  }
  const link = { stage: "published" as const, postIds: ["7600000000000000123"] };

  it("is added when TikTok names it later, and then nothing is due any more", async () => {
    const journey = await published();
    await journey.world.clock.advance(30_000);
    await journey.world.poll();
    journey.world.tiktok.finish(journey.task, link);
    await journey.world.clock.advance(60_000);
    await journey.world.poll();
    expect(await journey.world.get(journey.id)).toMatchObject({
      status: "published",
      postIds: link.postIds,
      dueAtMs: null,
    });
  });

  it("is added at once when a webhook hints at it", async () => {
    const journey = await published();
    const before = await journey.world.get(journey.id);
    await check(journey.world.deps, { ...journey.ids, check: null });
    expect(await journey.world.get(journey.id)).toEqual(before);

    journey.world.tiktok.finish(journey.task, link);
    await check(journey.world.deps, { ...journey.ids, check: null });
    await check(journey.world.deps, { ...journey.ids, check: null });
    expect((await journey.world.get(journey.id)).postIds).toEqual(link.postIds);
  });

  it("keeps the ids that a racing check has added", async () => {
    const journey = await published();
    const deps = withTikTok(journey.world, {
      status: async (...input) => {
        await tamper(journey, (publication) => ({ ...publication, postIds: ["1"] }));
        return journey.world.deps.tiktok.status(...input);
      },
    });
    await check(deps, { ...journey.ids, check: null });
    expect((await journey.world.get(journey.id)).postIds).toEqual(["1"]);
  });

  it("is asked for six times in half a day, then no more", async () => {
    const journey = await published();
    const delays: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const delayMs =
        ((await journey.world.get(journey.id)).dueAtMs ?? 0) - journey.world.clock.nowMs();
      delays.push(delayMs / 1000);
      await journey.world.clock.advance(delayMs);
      await journey.world.poll();
    }
    expect(delays).toEqual([30, 60, 300, 1_800, 7_200, 28_800]);
    expect((await journey.world.get(journey.id)).dueAtMs).toBeNull();
  });

  it("is not looked for where there is none to come", async () => {
    const hidden =
      publicPost.mode === "direct" ? { ...publicPost, privacyLevel: "SELF_ONLY" } : publicPost;
    const journey = await published(hidden);
    expect((await journey.world.get(journey.id)).dueAtMs).toBeNull();
  });
});
