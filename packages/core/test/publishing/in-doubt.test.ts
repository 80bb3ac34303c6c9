import { openId, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { rememberAim } from "../../src/publishing/chunks.ts";
import { cancel, deadLetter, relay } from "../../src/publishing/index.ts";
import { withTikTok } from "../faults.ts";
import { connectedWorld, type Journey, minuteMs, queued, tamper } from "./journey.ts";

/** A relay that stepped back although its only chunk may have arrived: TikTok did not answer. */
async function doubtful(): Promise<Journey> {
  const journey = await queued();
  const { world, id } = journey;
  world.deps.relayQueue.take();
  for (let n = 0; n < 4; n += 1) world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
  expect(await world.relay(id)).toBe("parked");
  world.deps.relayQueue.messages = [];
  await world.clock.advance(10 * minuteMs);
  return journey;
}

/** The bytes did arrive, unseen. */
function arrive({ world }: Journey): void {
  const [task] = world.tiktok.tasks;
  if (task) task.receivedBytes = task.bytes;
}

const owner = { userId, openId };

describe("a relay that fails while the whole video may be at TikTok", () => {
  it("hands over instead when TikTok says that it has it", async () => {
    const journey = await doubtful();
    const { world, id } = journey;
    arrive(journey);
    await world.deps.storage.removeAll((await world.get(id)).upload.key);
    expect(await world.relay(id)).toBe("delivered");
    expect((await world.get(id)).status).toBe("processing");
  });

  it("keeps its reason when TikTok says that it has nothing", async () => {
    const { world, id } = await doubtful();
    await world.deps.storage.removeAll((await world.get(id)).upload.key);
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure?.code).toBe("video_missing");
  });

  it("offers no second try when the account is gone and nobody can be asked", async () => {
    const { world, id } = await doubtful();
    await world.deps.storage.removeAll((await world.get(id)).upload.key);
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure).toMatchObject({
      code: "outcome_unknown",
      isRetryable: false,
      message: expect.stringContaining("look there before posting it again"),
    });
  });

  it("waits when TikTok is silent", async () => {
    const { world, id, ids } = await doubtful();
    await world.deps.storage.removeAll((await world.get(id)).upload.key);
    const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 2_000 });
    const deps = withTikTok(world, { status: () => Promise.reject(silence) });
    const run = relay(deps, {
      ...ids,
      owner: "relay-2",
      deadlineMs: world.clock.nowMs() + 900_000,
    });
    expect(await world.clock.run(run)).toBe("parked");
    expect((await world.get(id)).status).toBe("relaying");
  });

  it("hands over when it was stuck, but TikTok has everything", async () => {
    const journey = await doubtful();
    arrive(journey);
    await tamper(journey, (publication) => ({ ...publication, fruitlessRuns: 20 }));
    expect(await journey.world.relay(journey.id)).toBe("delivered");
  });

  it("hands over what the record says is all there, as earlier versions wrote it", async () => {
    const journey = await doubtful();
    arrive(journey);
    await tamper(journey, (publication) => ({
      ...publication,
      waiting: null,
      task: publication.task && { ...publication.task, confirmedBytes: publication.file.bytes },
    }));
    expect(await journey.world.relay(journey.id)).toBe("delivered");
    expect(journey.world.tiktok.tasks).toHaveLength(1);
  });
});

describe("a cancellation while the account is gone", () => {
  it("ends a video of which TikTok lacks more than the last chunk", async () => {
    const world = await connectedWorld();
    await rememberAim(world.deps, 5_242_880);
    const { id } = await world.upload(videoBytes(11_000_000));
    world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1)
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    await world.relay(id);
    await cancel(world.deps, { userId, publicationId: id });
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    expect(await world.relay(id)).toBe("cancelled");
  });

  it("promises nothing about one that may be complete", async () => {
    const { world, id, ids } = await doubtful();
    await cancel(world.deps, ids);
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    expect(await world.relay(id)).toBe("failed");
    expect((await world.get(id)).failure).toMatchObject({
      code: "reconnect_required",
      isRetryable: false,
    });
  });
});

describe("a dead letter of a video that may be complete", () => {
  it("asks the creator to look first", async () => {
    const { world, id, ids } = await doubtful();
    await tamper({ world, id, ids }, (publication) => ({ ...publication, waiting: null }));
    expect(await deadLetter(world.deps, ids)).toBe(true);
    expect((await world.get(id)).failure).toMatchObject({
      code: "outcome_unknown",
      isRetryable: false,
    });
  });
});
