import { crc32Of, createWorld, userId, videoBytes, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import type { Publication } from "../../src/publications/index.ts";
import { cancel, sendRelay } from "../../src/publishing/index.ts";
import { complete, signParts } from "../../src/uploads/index.ts";
import { dying, forEveryFault } from "../faults.ts";

const mebibyte = 1024 * 1024;
const video = videoBytes(17 * mebibyte);
/** Cut once: the fake storage hashes each buffer once, however many crashes a test lives through. */
const partBytes = 8 * mebibyte;
const pieces = [0, 1, 2].map((index) => video.subarray(index * partBytes, (index + 1) * partBytes));

async function uploading() {
  const world = createWorld();
  await world.connect();
  const { value } = await world.begin(video);
  return { world, value, ids: { userId, publicationId: value.id } };
}

async function putParts(world: World, value: Publication, partNumbers = [1, 2, 3]) {
  const ids = { userId, publicationId: value.id };
  for (const partNumber of partNumbers) {
    const bytes = pieces[partNumber - 1] ?? video;
    const parts = [{ partNumber, crc32: crc32Of(bytes) }];
    const [part] = await signParts(world.deps, { ...ids, parts });
    if (part) await world.deps.storage.putPart(part, bytes);
  }
}

function completing<D extends Pick<World["deps"], "relayQueue">>(deps: D) {
  const relayNow = (publication: Publication) => sendRelay(deps, publication);
  return { ...deps, sendRelay: relayNow };
}

describe("complete", () => {
  it("joins the parts, queues the publication and sends one relay message", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);

    const result = await complete(completing(world.deps), ids);

    expect(result.type).toBe("completed");
    expect(result.publication).toMatchObject({ status: "queued" });
    const object = await world.deps.storage.head(value.upload.key);
    expect(object).toEqual({ bytes: video.length, etag: result.publication.upload.etag });
    expect(world.deps.relayQueue.messages.map((message) => JSON.parse(message.body))).toEqual([
      { userId, publicationId: value.id },
    ]);
  });

  it("refuses while parts are missing, and says how many", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value, [2]);

    await expect(complete(completing(world.deps), ids)).rejects.toMatchObject({
      code: "parts_missing",
      message: "2 of 3 parts are missing.",
    });
    expect((await world.get(value.id)).status).toBe("uploading");
    expect(world.deps.storage.openUploads()).toBe(1);
  });

  it("refuses a part of the wrong size", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    const { key, uploadId } = value.upload;
    const short = { bytes: 5, crc32: crc32Of(videoBytes(5)), expiresInSeconds: 9 };
    const part = { key, uploadId: uploadId ?? "", partNumber: 2, ...short };
    const put = await world.deps.storage.signPart(part);
    await world.deps.storage.putPart(put, videoBytes(5));

    await expect(complete(completing(world.deps), ids)).rejects.toMatchObject({
      code: "parts_wrong_size",
      message: "1 parts do not have the size of the plan.",
    });
  });

  it("answers a repetition with the publication as it stands", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    await complete(completing(world.deps), ids);

    const again = await complete(completing(world.deps), ids);
    expect(again).toMatchObject({ type: "already-complete", publication: { status: "queued" } });
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });

  it("queues once when two calls race", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    const calls = [complete(completing(world.deps), ids), complete(completing(world.deps), ids)];

    const types = (await Promise.all(calls)).map((result) => result.type);
    expect(types.sort()).toEqual(["already-complete", "completed"]);
    expect(world.deps.relayQueue.messages).toHaveLength(1);
    expect(world.deps.storage.objects()).toEqual([value.upload.key]);
  });

  it("recognises its object after storage completed and the answer was lost", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    const { storage } = world.deps;
    const lossy = {
      ...storage,
      completeUpload: async (input: Parameters<typeof storage.completeUpload>[0]) => {
        await storage.completeUpload(input);
        return null;
      },
    };

    const result = await complete(completing({ ...world.deps, storage: lossy }), ids);
    expect(result.type).toBe("completed");
  });

  it("refuses when storage has neither the upload nor an object of the right size", async () => {
    const { world, value, ids } = await uploading();
    await world.deps.storage.removeAll(value.upload.key);
    const missing = { code: "parts_missing", message: "Storage no longer has this upload." };
    await expect(complete(completing(world.deps), ids)).rejects.toMatchObject(missing);

    world.deps.storage.overwrite(value.upload.key, videoBytes(5));
    await expect(complete(completing(world.deps), ids)).rejects.toMatchObject(missing);
  });

  it("cleans up again when the publication was cancelled while storage joined the parts", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    const { storage } = world.deps;
    const slow = {
      ...storage,
      // The cancellation has emptied storage already; the join that was under way brings an object back.
      completeUpload: async (input: Parameters<typeof storage.completeUpload>[0]) => {
        const etag = await storage.completeUpload(input);
        await cancel(world.deps, ids);
        storage.overwrite(input.key, video);
        return etag;
      },
    };

    const result = await complete(completing({ ...world.deps, storage: slow }), ids);
    expect(result).toMatchObject({
      type: "already-complete",
      publication: { status: "cancelled" },
    });
    expect(storage.objects()).toEqual([]);
    expect(world.deps.relayQueue.messages).toEqual([]);
  });

  it("refuses a cancelled publication", async () => {
    const { world, ids } = await uploading();
    await cancel(world.deps, ids);
    await expect(complete(completing(world.deps), ids)).rejects.toMatchObject({
      code: "not_uploading",
    });
  });

  it("answers another user's publication as if it did not exist", async () => {
    const { world, value, ids } = await uploading();
    await putParts(world, value);
    const foreign = complete(completing(world.deps), { ...ids, userId: "user-2" });
    await expect(foreign).rejects.toMatchObject({ kind: "not-found", code: "not_found" });
    expect(world.deps.storage.openUploads()).toBe(1);
  });

  it("ends up queued and relayed after a crash at any step", async () => {
    const crashes = await forEveryFault(async (fault) => {
      const { world, value, ids } = await uploading();
      await putParts(world, value);
      const deps = dying(world.deps, fault);
      await complete(completing(deps), ids).catch(() => undefined);

      await complete(completing(world.deps), ids);
      await world.clock.advance(60_000);
      await world.poll();
      expect(world.deps.relayQueue.messages.length).toBeGreaterThan(0);
      expect(await world.deliver()).toContain("delivered");
      expect(world.tiktok.tasks).toHaveLength(1);
      return deps.hasDied();
    });
    expect(crashes).toBeGreaterThan(5);
  });
});
