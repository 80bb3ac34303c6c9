import { createWorld, openId, sha256, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { loadPublication } from "../../src/publications/index.ts";
import { removeUpload } from "../../src/publishing/apply.ts";
import { cancel, poll, retry } from "../../src/publishing/index.ts";
import { tamper } from "./journey.ts";

const dayMs = 86_400_000;

/** A publication that failed for a reason that the creator can mend, with its video still in storage. */
async function failed(code = "privacy_level_option_mismatch") {
  const world = createWorld();
  await world.connect();
  const bytes = videoBytes(1_000_000);
  const { id } = await world.upload(bytes);
  world.deps.relayQueue.take();
  world.tiktok.refuseNext("init", code);
  expect(await world.relay(id)).toBe("failed");
  return { world, bytes, id, ids: { userId, publicationId: id } };
}

describe("retry", () => {
  it("sends the stored video in a new attempt, without another upload", async () => {
    const { world, bytes, id, ids } = await failed();
    expect(world.deps.storage.objects()).toHaveLength(1);

    const publication = await retry(world.deps, ids);
    expect(publication).toMatchObject({ status: "queued", attempt: 2, failure: null });
    expect(publication.pastFailures.map(({ code }) => code)).toEqual([
      "privacy_level_option_mismatch",
    ]);
    expect(await world.deliver()).toEqual(["delivered"]);
    const [task] = world.tiktok.tasks;
    expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
    expect((await world.get(id)).history.map(({ status }) => status)).toEqual([
      "uploading",
      "queued",
      "relaying",
      "failed",
      "queued",
      "relaying",
      "processing",
    ]);
  });

  it("begins one attempt however often it is asked for", async () => {
    const { world, ids } = await failed();
    await retry(world.deps, ids);
    await expect(retry(world.deps, ids)).rejects.toMatchObject({
      code: "not_retryable",
      message: expect.stringContaining("under way"),
    });
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });

  it("gives up the old task: the new attempt has one of its own", async () => {
    const world = createWorld();
    await world.connect();
    world.tiktok.rules.chunkBytesMax = 12_000_000;
    const { id } = await world.upload(videoBytes(22_000_000));
    world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1)
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    expect(await world.relay(id)).toBe("parked");
    // The next run learns that the account is gone as soon as it has to ask about a chunk.
    world.tiktok.chunkScript.push({ type: "mismatch" });
    await markReconnect(world.deps, { userId, openId, reason: "auth_removed" });
    await world.clock.advance(60_000);
    expect(await world.deliver()).toEqual(["failed"]);

    await world.connect();
    await retry(world.deps, { userId, publicationId: id });
    expect(await world.deliver()).toEqual(["delivered"]);
    const { deadTasks, task } = await world.get(id);
    expect(deadTasks.map(({ why }) => why)).toEqual(["retried"]);
    expect(task?.publishId).not.toBe(deadTasks[0]?.publishId);
  });

  it("keeps the video for a day, and says when it is gone", async () => {
    const { world, id, ids } = await failed();
    await world.clock.advance(dayMs - 1);
    await world.poll();
    expect(world.deps.storage.objects()).toHaveLength(1);

    await world.clock.advance(1);
    await world.poll();
    expect(world.deps.storage.objects()).toEqual([]);
    expect(await world.get(id)).toMatchObject({ dueAtMs: null, upload: { isRemoved: true } });
    await expect(retry(world.deps, ids)).rejects.toMatchObject({
      code: "not_retryable",
      message: expect.stringContaining("upload it again"),
    });
  });

  it("is refused, or has its video, when the time for it ends in the same moment", async () => {
    const { world, ids } = await failed();
    await world.clock.advance(dayMs);
    const { storage } = world.deps;
    let answer: Promise<string> = Promise.resolve("not asked");
    const removeAll = async (key: string) => {
      answer = retry(world.deps, ids).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      );
      await answer;
      await storage.removeAll(key);
    };
    const deps = { ...world.deps, storage: { ...storage, removeAll } };
    await world.clock.run(poll(deps, { deadlineMs: world.clock.nowMs() + 55_000 }));
    expect(await answer).toBe("not_retryable");
    expect(await world.get(ids.publicationId)).toMatchObject({ status: "failed", dueAtMs: null });
    expect(storage.objects()).toEqual([]);
  });

  it("leaves the video to an attempt that began after the poller had looked", async () => {
    const { world, id, ids } = await failed();
    await world.clock.advance(dayMs);
    const stored = await loadPublication(world.deps, ids);
    await retry(world.deps, ids);
    if (stored) await removeUpload(world.deps, stored);
    expect((await world.get(id)).dueAtMs).not.toBeNull();
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("has tasks of its own, however many the last attempt has used up", async () => {
    const { world, id, ids } = await failed();
    const deadTasks = Array.from({ length: 8 }, (_, n) => ({
      publishId: `dead-${n}`,
      atMs: world.clock.nowMs(),
      why: "internal",
    }));
    await tamper({ world, id, ids }, (publication) => ({ ...publication, deadTasks }));
    await retry(world.deps, ids);
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("does not go on for ever: the record grows with every attempt", async () => {
    const { world, id, ids } = await failed();
    await tamper({ world, id, ids }, (publication) => ({ ...publication, attempt: 20 }));
    await expect(retry(world.deps, ids)).rejects.toMatchObject({
      code: "not_retryable",
      message: expect.stringContaining("upload it again"),
    });
    expect(world.deps.relayQueue.messages).toEqual([]);
  });

  it("refuses where trying again cannot help, and where it could post twice", async () => {
    const { world, ids } = await failed("spam_risk");
    await expect(retry(world.deps, ids)).rejects.toMatchObject({ code: "not_retryable" });
    expect(world.deps.storage.objects()).toEqual([]);

    const other = await world.upload(videoBytes(1_000_000, 2));
    await cancel(world.deps, { userId, publicationId: other.id });
    await expect(retry(world.deps, { userId, publicationId: other.id })).rejects.toMatchObject({
      message: expect.stringContaining("already cancelled"),
    });
  });

  it("does not know another user's publication", async () => {
    const { world, id } = await failed();
    await expect(retry(world.deps, { userId: "user-2", publicationId: id })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
