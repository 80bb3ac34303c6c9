import { createWorld, openId, publicPost, userId, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { markReconnect } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import type { PostSettings } from "../../src/post/index.ts";
import { cancel } from "../../src/publishing/index.ts";
import { type BeginInput, begin } from "../../src/uploads/index.ts";
import { dying, forEveryFault } from "../faults.ts";

const mebibyte = 1024 * 1024;

function request(changes: Partial<BeginInput> = {}): BeginInput {
  return {
    userId,
    openId,
    file: { name: "harbour.mp4", bytes: 20 * mebibyte, contentType: "video/mp4" },
    post: publicPost,
    consentTextVersion: "2026-11",
    idempotencyKey: null,
    ...changes,
  };
}

function direct(changes: Partial<Extract<PostSettings, { mode: "direct" }>>): PostSettings {
  return publicPost.mode === "direct" ? { ...publicPost, ...changes } : publicPost;
}

async function connectedWorld(): Promise<World> {
  const world = createWorld({ maxFileBytes: 100 * mebibyte });
  await world.connect();
  return world;
}

function publicationRows(world: World) {
  return world.deps.table.rows().filter((row) => row.sk.startsWith("PUBLICATION#"));
}

describe("begin", () => {
  it("stores an open upload with its plan, its consent and a time to give up", async () => {
    const world = await connectedWorld();
    const nowMs = world.clock.nowMs();

    const { value } = await begin(world.deps, request());

    expect(value).toMatchObject({
      status: "uploading",
      consent: { atMs: nowMs, textVersion: "2026-11" },
      creatorUsername: "demo.creator",
      upload: { uploadId: "upload-1", partBytes: 8 * mebibyte, partCount: 3, etag: null },
      dueAtMs: nowMs + 86_400_000,
      history: [{ atMs: nowMs, status: "uploading" }],
    });
    expect(value.upload.key).toBe(`uploads/${userId}/${value.id}`);
    expect(world.deps.storage.openUploads()).toBe(1);
    expect(await world.get(value.id)).toEqual(value);
  });

  it.each<[string, Partial<BeginInput>]>([
    ["file_empty", { file: { name: "a.mp4", bytes: 0, contentType: "video/mp4" } }],
    ["file_too_large", { file: { name: "a", bytes: 1e9, contentType: "video/mp4" } }],
    ["file_type_unsupported", { file: { name: "a", bytes: 1, contentType: "image/gif" } }],
    ["title_too_long", { post: direct({ title: "a".repeat(2_201) }) }],
    [
      "branded_content_private",
      {
        post: direct({
          privacyLevel: "SELF_ONLY",
          disclosure: { yourBrand: false, brandedContent: true },
        }),
      },
    ],
    ["privacy_not_available", { post: direct({ privacyLevel: "FOLLOWER_OF_CREATOR" }) }],
    ["interaction_disabled", { post: direct({ allowDuet: true }) }],
    [
      "duration_too_long",
      { file: { name: "a", bytes: 1, contentType: "video/mp4", durationMs: 600_001 } },
    ],
    ["not_found", { openId: "-000stranger" }],
  ])("refuses with %s and leaves nothing behind", async (code, changes) => {
    const world = await connectedWorld();
    world.tiktok.creator.isDuetDisabled = true;

    await expect(begin(world.deps, request(changes))).rejects.toMatchObject({
      name: "VisibleError",
      code,
    });
    expect(publicationRows(world)).toEqual([]);
    expect(world.deps.storage.openUploads()).toBe(0);
  });

  it("demands a connected account for drafts too, and asks nothing else of TikTok", async () => {
    const world = await connectedWorld();
    world.tiktok.refuseNext("creatorInfo", "spam_risk_too_many_posts");
    const draft = request({ post: { mode: "inbox" } });
    expect((await begin(world.deps, draft)).value.creatorUsername).toBeNull();

    await markReconnect(world.deps, { userId, openId, reason: "auth_removed" });
    await expect(begin(world.deps, draft)).rejects.toMatchObject({ code: "reconnect_required" });
  });

  it("keeps the duration that the client measured", async () => {
    const world = await connectedWorld();
    const file = { name: "a.mov", bytes: 1, contentType: "video/quicktime", durationMs: 600_000 };
    expect((await begin(world.deps, request({ file }))).value.file.durationMs).toBe(600_000);
  });

  it("answers a cancellation that came while storage opened the upload", async () => {
    const world = await connectedWorld();
    const { storage } = world.deps;
    const slow = {
      ...storage,
      createUpload: async (input: Parameters<typeof storage.createUpload>[0]) => {
        const publicationId = publicationRows(world)[0]?.sk.split("#")[1] ?? "";
        await cancel(world.deps, { userId, publicationId });
        return storage.createUpload(input);
      },
    };
    const { value } = await begin({ ...world.deps, storage: slow }, request());
    expect(value).toMatchObject({ status: "cancelled", upload: { uploadId: null } });
  });

  it("refuses while TikTok cannot be asked about the creator", async () => {
    const world = await connectedWorld();
    const creatorInfo = () =>
      Promise.reject(new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 2_000 }));
    const deps = { ...world.deps, tiktok: { ...world.deps.tiktok, creatorInfo } };

    await expect(begin(deps, request())).rejects.toMatchObject({
      kind: "unavailable",
      retryAfterMs: 2_000,
    });
    expect(publicationRows(world)).toEqual([]);
  });
});

describe("begin with an Idempotency-Key", () => {
  const keyed = (changes: Partial<BeginInput> = {}) =>
    request({ idempotencyKey: "key-1", ...changes });

  it("answers the same publication for the same request", async () => {
    const world = await connectedWorld();
    const first = await begin(world.deps, keyed());
    world.tiktok.refuseNext("creatorInfo", "spam_risk_too_many_posts");
    const second = await begin(world.deps, keyed());

    expect(second.value).toEqual(first.value);
    expect(publicationRows(world)).toHaveLength(1);
    expect(world.deps.storage.openUploads()).toBe(1);
  });

  it.each<[string, Partial<BeginInput>]>([
    ["file", { file: { name: "other.mp4", bytes: 5, contentType: "video/mp4" } }],
    ["post", { post: direct({ title: "Another caption" }) }],
    ["consent", { consentTextVersion: "2027-01" }],
    ["account", { openId: "-000second" }],
  ])("refuses another %s under the same key", async (_what, changes) => {
    const world = await connectedWorld();
    await world.connect(userId, "-000second");
    await begin(world.deps, keyed());

    await expect(begin(world.deps, keyed(changes))).rejects.toMatchObject({
      kind: "conflict",
      code: "idempotency_conflict",
    });
  });

  it("keeps the keys of two users apart", async () => {
    const world = await connectedWorld();
    await world.connect("user-2", "-000second");
    const mine = await begin(world.deps, keyed());
    const theirs = await begin(world.deps, keyed({ userId: "user-2", openId: "-000second" }));

    expect(theirs.value.id).not.toBe(mine.value.id);
  });

  it("answers one publication to requests that race", async () => {
    const world = await connectedWorld();
    const racing = Array.from({ length: 5 }, () => begin(world.deps, keyed()));
    const answers = await Promise.all(racing);

    expect(new Set(answers.map((answer) => answer.value.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.value.upload.uploadId)).size).toBe(1);
    expect(publicationRows(world)).toHaveLength(1);
  });

  it("refuses the later of two different requests that race", async () => {
    const world = await connectedWorld();
    const results = await Promise.allSettled([
      begin(world.deps, keyed()),
      begin(world.deps, keyed({ consentTextVersion: "2027-01" })),
    ]);

    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({
      reason: { code: "idempotency_conflict" },
    });
    expect(publicationRows(world)).toHaveLength(1);
  });

  it("answers what became of it once the publication has moved on", async () => {
    const world = await connectedWorld();
    const first = await begin(world.deps, keyed());
    await world.clock.advance(86_400_000);
    await world.poll();

    const again = await begin(world.deps, keyed());
    expect(again.value).toMatchObject({ id: first.value.id, status: "failed" });
    expect(world.deps.storage.openUploads()).toBe(0);
  });

  it("is completed by its repetition after a crash at any step", async () => {
    const crashes = await forEveryFault(async (fault) => {
      const world = await connectedWorld();
      const deps = dying(world.deps, fault);
      await begin(deps, keyed()).catch(() => undefined);

      const { value } = await begin(world.deps, keyed());
      expect(value.upload.uploadId).not.toBeNull();
      expect(publicationRows(world)).toHaveLength(1);
      return deps.hasDied();
    });
    expect(crashes).toBeGreaterThan(10);
  });

  it("forgets an idempotency key after two days, though its row is still there", async () => {
    const world = await connectedWorld();
    const first = await begin(world.deps, request({ idempotencyKey: "key" }));
    await world.clock.advance(2 * 86_400_000);
    const second = await begin(world.deps, request({ idempotencyKey: "key" }));

    expect(second.value.id).not.toBe(first.value.id);
    const third = await begin(world.deps, request({ idempotencyKey: "key" }));
    expect(third.value.id).toBe(second.value.id);
  });

  it("leaves no open upload when it is cancelled while storage opens it", async () => {
    const world = await connectedWorld();
    const { storage } = world.deps;
    const deps = {
      ...world.deps,
      storage: {
        ...storage,
        createUpload: async (options: Parameters<typeof storage.createUpload>[0]) => {
          const publicationId = options.key.split("/")[2] ?? "";
          await cancel(world.deps, { userId, publicationId });
          return storage.createUpload(options);
        },
      },
    };

    const { value } = await begin(deps, request());

    expect(value.status).toBe("cancelled");
    expect(storage.openUploads()).toBe(0);
  });
});
