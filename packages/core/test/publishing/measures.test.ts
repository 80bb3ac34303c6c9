/** What a publication's life adds to the metrics that alarms and dashboard look at. */
import { publicPost, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { refreshAccount } from "../../src/auth/tokens.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { accountHash, type Measures } from "../../src/system/index.ts";
import { chunkedWorld, connectedWorld, type Journey, megabyte, processing } from "./journey.ts";

/** Lines without measures add nothing. */
const measuredIn = ({ world }: Pick<Journey, "world">): Measures[] =>
  world.deps.log.measured.filter((measures) => Object.keys(measures).length > 0);

const total = (all: Measures[], name: keyof Measures): number =>
  all.reduce((sum, measures) => sum + (measures[name] ?? 0), 0);

describe("a relay", () => {
  it("counts the bytes and the time of each chunk that TikTok has taken", async () => {
    const world = await chunkedWorld(12 * megabyte);
    const { id } = await world.upload(videoBytes(22 * megabyte));
    await world.relay(id);
    const measured = measuredIn({ world });
    const bytes = measured.map(({ BytesRelayed }) => BytesRelayed);
    expect(bytes).toEqual(world.tiktok.tasks[0]?.received.map((chunk) => chunk.length));
    expect(total(measured, "BytesRelayed")).toBe(22 * megabyte);
    for (const { ChunkLatency } of measured) expect(ChunkLatency).toBeGreaterThanOrEqual(0);
    expect(total(measured, "RelayRetries")).toBe(0);
  });

  it("counts each further sending of a chunk as a retry, and its bytes once", async () => {
    const { world, id } = await queuedWorld();
    world.tiktok.chunkScript = [
      { type: "unknown", reason: "503" },
      { type: "unknown", reason: "503" },
    ];
    await world.relay(id);
    const measured = measuredIn({ world });
    expect(total(measured, "RelayRetries")).toBe(2);
    expect(total(measured, "BytesRelayed")).toBe(megabyte);
  });
});

describe("an outcome", () => {
  it("is counted once, with the time since the video was all there", async () => {
    const journey = await processing();
    await journey.world.clock.advance(120_000);
    const [task] = journey.world.tiktok.tasks;
    if (task) journey.world.tiktok.finish(task, { stage: "published", postIds: ["7"] });
    await journey.world.poll();
    await journey.world.poll();
    const outcomes = measuredIn(journey).filter((measures) => "PublicationPublished" in measures);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.TimeToPublished).toBeGreaterThanOrEqual(120_000);
    expect(total(measuredIn(journey), "PublicationFailed")).toBe(0);
  });

  it("of a draft is counted when it has reached the inbox", async () => {
    const journey = await processing({ mode: "inbox" });
    journey.world.tiktok.finish(journey.task, { stage: "in_inbox" });
    await journey.world.clock.advance(120_000);
    await journey.world.poll();
    expect(total(measuredIn(journey), "PublicationPublished")).toBe(1);
  });

  it("of a failure is counted as one, and tells whose by a hash", async () => {
    const journey = await processing(publicPost);
    journey.world.tiktok.finish(journey.task, { stage: "failed", failReason: "internal" });
    await journey.world.clock.advance(120_000);
    await journey.world.poll();
    expect(total(measuredIn(journey), "PublicationFailed")).toBe(1);
    const { openId } = await journey.world.get(journey.id);
    const line = journey.world.deps.log.lines.find(({ step }) => step === "failed");
    expect(line).toMatchObject({ account: accountHash(openId), code: "internal" });
    expect(JSON.stringify(journey.world.deps.log.lines)).not.toContain(openId);
  });
});

describe("a token that could not be renewed", () => {
  it("is counted, with TikTok's code and whose it is by a hash", async () => {
    const world = await connectedWorld();
    const { userId, openId } = { userId: "user-1", openId: "-000creator" };
    const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 1 });
    const tiktok = { ...world.deps.tiktok, refresh: () => Promise.reject(silence) };
    const refreshing = refreshAccount({ ...world.deps, tiktok }, { userId, openId });
    await expect(world.clock.run(refreshing)).rejects.toThrow(silence);
    expect(measuredIn({ world })).toEqual([{ TokenRefreshFailed: 1 }]);
    expect(world.deps.log.lines).toEqual([
      {
        event: "token.refresh-failed",
        account: accountHash(openId),
        code: "tiktok_unreachable",
      },
    ]);
  });
});

async function queuedWorld() {
  const world = await connectedWorld();
  const { id } = await world.upload(videoBytes(megabyte));
  return { world, id };
}
