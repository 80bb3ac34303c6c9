import { createWorld, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import {
  dueKeys,
  dueShards,
  findByPublishId,
  findOwn,
  listOwn,
  type Publication,
  rememberPublishId,
  revise,
  saveNew,
} from "../../src/publications/index.ts";
import { nowMs, publicationIn } from "./samples.ts";

let world: World;
beforeEach(() => {
  world = createWorld();
});

function named(id: string, changes: Partial<Publication> = {}): Publication {
  return { ...publicationIn("queued"), id, ...changes };
}

describe("listOwn", () => {
  it("pages through the caller's publications, newest first", async () => {
    for (const id of ["01", "03", "02", "04", "05"]) await saveNew(world.deps, named(id));
    await saveNew(world.deps, named("99", { userId: "user-2" }));
    const seen: string[][] = [];
    let cursor: string | null = null;
    do {
      const input: Parameters<typeof listOwn>[1] = { userId: "user-1", limit: 2, cursor };
      const page = await listOwn(world.deps, input);
      seen.push(page.publications.map((publication) => publication.id));
      cursor = page.nextCursor;
    } while (cursor !== null && seen.length < 5);
    expect(seen).toEqual([["05", "04"], ["03", "02"], ["01"]]);
  });

  it("takes any cursor as a place in the caller's own list", async () => {
    await saveNew(world.deps, named("01"));
    await saveNew(world.deps, named("99", { userId: "user-2" }));
    const input = { userId: "user-1", limit: 10, cursor: "99" };
    const page = await listOwn(world.deps, input);
    expect(page.publications.map((publication) => publication.userId)).toEqual(["user-1"]);
  });
});

describe("finding one publication", () => {
  it("works for its user only", async () => {
    await saveNew(world.deps, named("01"));
    const own = await findOwn(world.deps, { userId: "user-1", publicationId: "01" });
    expect(own.value.id).toBe("01");
    const foreign = findOwn(world.deps, { userId: "user-2", publicationId: "01" });
    await expect(foreign).rejects.toMatchObject({ kind: "not-found", code: "not_found" });
  });

  it("works by TikTok's id, whose first owner keeps it", async () => {
    await saveNew(world.deps, named("01"));
    await rememberPublishId(world.deps, "v_pub~1", { userId: "user-1", publicationId: "01" });
    await rememberPublishId(world.deps, "v_pub~1", { userId: "user-2", publicationId: "02" });
    expect((await findByPublishId(world.deps, "v_pub~1"))?.value.id).toBe("01");
    expect(await findByPublishId(world.deps, "v_pub~2")).toBeNull();
    // Nothing asks by it once every check and every repeated webhook is over.
    const row = await world.deps.table.get({ pk: "PUBLISH#v_pub~1", sk: "PUBLISH" });
    expect(row?.expiresAt).toBe(world.clock.nowMs() / 1000 + 30 * 24 * 3_600);
  });
});

describe("saving", () => {
  it("does not overwrite a publication with the same id", async () => {
    await saveNew(world.deps, named("01"));
    expect(await saveNew(world.deps, named("01", { checks: 9 }))).toBeNull();
  });

  it("keeps a publication in the index exactly as long as something is due", async () => {
    const stored = await saveNew(world.deps, named("01", { dueAtMs: nowMs }));
    if (stored === null) throw new Error("it is new");
    const due = async () => {
      const shards = dueShards.map((shard) => dueKeys(world.deps, { shard, limit: 9 }));
      return (await Promise.all(shards)).flat();
    };
    expect(await due()).toEqual([stored.key]);
    await revise(world.deps, stored.key, (publication) => ({ ...publication, dueAtMs: null }));
    expect(await due()).toEqual([]);
    await revise(world.deps, stored.key, (each) => ({ ...each, dueAtMs: nowMs + 1 }));
    expect(await due()).toEqual([]);
    await world.clock.advance(1);
    expect(await due()).toEqual([stored.key]);
  });

  it("spreads publications over the shards", async () => {
    for (let n = 0; n < 200; n += 1) await saveNew(world.deps, named(`publication-${n}`));
    const used = new Set(world.deps.table.rows().map((row) => row.dueShard));
    expect(used.size).toBe(dueShards.length);
  });

  it.each<[string, Partial<Publication>]>([
    [
      "no more is confirmed than there is",
      {
        task: {
          publishId: "p",
          sealedUploadUrl: "s",
          issuedAtMs: 0,
          chunkBytes: 1,
          chunkCount: 1,
          confirmedBytes: 1_000_001,
        },
      },
    ],
    ["only a relaying publication is leased", { lease: { owner: "x", expiresAtMs: 1 } }],
    ["a complete upload has an ETag", { upload: { ...publicationIn("uploading").upload } }],
    ["a failure has a reason", { status: "failed", failure: null }],
  ])("refuses a record against our own rules: %s", (rule, changes) => {
    expect(() => saveNew(world.deps, named("01", changes))).toThrow(rule);
    expect(world.deps.table.rows()).toEqual([]);
  });

  it("stamps the time of the change", async () => {
    const stored = await saveNew(world.deps, named("01", { updatedAtMs: 0 }));
    expect(stored?.value.updatedAtMs).toBe(world.clock.nowMs());
  });
});
