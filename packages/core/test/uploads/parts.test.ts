import { crc32Of, createWorld, userId, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { cancel } from "../../src/publishing/index.ts";
import { signFirstParts, signParts, storedParts } from "../../src/uploads/index.ts";

const mebibyte = 1024 * 1024;
const video = videoBytes(20 * mebibyte);

/** Parts to be signed whose bytes do not matter. */
const named = (...numbers: number[]) =>
  numbers.map((partNumber) => ({ partNumber, crc32: "AAAAAA==" }));

async function uploading() {
  const world = createWorld();
  await world.connect();
  const { value } = await world.begin(video);
  return { world, value, ids: { userId, publicationId: value.id } };
}

describe("signParts", () => {
  it("signs each named part with its range, its exact length and a short life", async () => {
    const { world, ids } = await uploading();
    const signed = await signParts(world.deps, { ...ids, parts: named(3, 1) });

    expect(signed).toMatchObject([
      { partNumber: 3, firstByte: 16 * mebibyte, bytes: 4 * mebibyte },
      { partNumber: 1, firstByte: 0, bytes: 8 * mebibyte },
    ]);
    for (const part of signed) {
      expect(part.expiresAtMs).toBe(world.clock.nowMs() + 900_000);
      expect(new URL(part.url).searchParams.get("bytes")).toBe(String(part.bytes));
    }
  });

  it("refuses a part outside of the plan", async () => {
    const { world, ids } = await uploading();
    await expect(signParts(world.deps, { ...ids, parts: named(1, 4) })).rejects.toMatchObject({
      kind: "input",
      code: "invalid_request",
      message: "Part 4 is not one of 3.",
    });
  });

  it("answers another user's publication as if it did not exist", async () => {
    const { world, ids } = await uploading();
    const foreign = { ...ids, userId: "user-2", parts: named(1) };
    await expect(signParts(world.deps, foreign)).rejects.toMatchObject({ kind: "not-found" });
  });

  it("signs nothing once the publication is past uploading", async () => {
    const { world, ids } = await uploading();
    await cancel(world.deps, ids);
    await expect(signParts(world.deps, { ...ids, parts: named(1) })).rejects.toMatchObject({
      kind: "conflict",
      code: "not_uploading",
    });
  });
});

describe("signFirstParts", () => {
  it("signs the parts that came with the plan, and no more than there are", async () => {
    const { world, value } = await uploading();
    const plan = { partBytes: 8 * mebibyte, crc32s: ["AAAAAA==", "vmMhQA==", "x", "y"] };
    const signed = await signFirstParts(world.deps, value, plan);
    expect(signed.map((part) => part.partNumber)).toEqual([1, 2, 3]);
    expect(signed[1]?.headers).toEqual({ "x-amz-checksum-crc32": "vmMhQA==" });
  });

  it("signs none for another cut, nor once the upload is over", async () => {
    const { world, value, ids } = await uploading();
    const plan = { partBytes: 8 * mebibyte, crc32s: ["AAAAAA=="] };
    expect(await signFirstParts(world.deps, value, { ...plan, partBytes: mebibyte })).toEqual([]);
    await cancel(world.deps, ids);
    expect(await signFirstParts(world.deps, await world.get(value.id), plan)).toEqual([]);
  });
});

describe("storedParts", () => {
  it("names the parts that are there in full, and those only", async () => {
    const { world, value, ids } = await uploading();
    const { key, uploadId } = value.upload;
    const put = async (partNumber: number, bytes: number) => {
      const content = videoBytes(bytes);
      const given = { bytes, crc32: crc32Of(content), expiresInSeconds: 900 };
      const part = { key, uploadId: uploadId ?? "", partNumber, ...given };
      await world.deps.storage.putPart(await world.deps.storage.signPart(part), content);
    };
    await put(3, 4 * mebibyte);
    await put(1, 8 * mebibyte);
    // Too short for the plan, and a number that the plan does not have.
    await put(2, 5 * mebibyte);
    await put(9, 8 * mebibyte);

    const { parts, publication } = await storedParts(world.deps, ids);
    expect(parts.map((part) => part.partNumber)).toEqual([1, 3]);
    expect(parts[1]?.crc32).toBe(crc32Of(videoBytes(4 * mebibyte)));
    expect(publication.id).toBe(value.id);
  });

  it("answers no parts when storage has dropped the upload", async () => {
    const { world, value, ids } = await uploading();
    await world.deps.storage.removeAll(value.upload.key);
    expect((await storedParts(world.deps, ids)).parts).toEqual([]);
  });

  it("refuses after completion, and for another user", async () => {
    const world = createWorld();
    await world.connect();
    const { id } = await world.upload(video);
    const own = storedParts(world.deps, { userId, publicationId: id });
    await expect(own).rejects.toMatchObject({ code: "not_uploading" });
    const foreign = storedParts(world.deps, { userId: "user-2", publicationId: id });
    await expect(foreign).rejects.toMatchObject({ code: "not_found" });
  });
});
