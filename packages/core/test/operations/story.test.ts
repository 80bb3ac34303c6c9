import { createWorld, videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { findPublication, storyOf } from "../../src/operations/index.ts";
import type { Publication } from "../../src/publications/index.ts";
import { nowMs, publicationIn, statuses } from "../publications/samples.ts";
import { minuteMs, processing } from "../publishing/journey.ts";

const task = {
  publishId: "v_pub_file~v2-1.1",
  sealedUploadUrl: "c2VhbGVkOiBodHRwczovL3VwbG9hZA==",
  issuedAtMs: nowMs - minuteMs,
  chunkBytes: 500_000,
  chunkCount: 2,
  confirmedBytes: 500_000,
};
const calm = { nudges: 0, fruitlessRuns: 0, dueAtMs: nowMs + minuteMs };

/** A story of a publication that is well but for the changes. */
const told = (status: Publication["status"], changes: Partial<Publication> = {}) =>
  storyOf({ ...publicationIn(status), ...calm, lease: null, ...changes }, nowMs);

describe("findPublication", () => {
  it("finds a publication by its id alone, and by TikTok's", async () => {
    const { world, id, task: atTikTok } = await processing();
    expect((await findPublication(world.deps, id)).value.id).toBe(id);
    expect((await findPublication(world.deps, atTikTok.publishId)).value.id).toBe(id);
  });

  it("finds one whose upload has only begun", async () => {
    const world = createWorld();
    await world.connect();
    const { value } = await world.begin(videoBytes(1_000));
    expect((await findPublication(world.deps, value.id)).value.status).toBe("uploading");
  });

  it("says so when there is none", async () => {
    await expect(findPublication(createWorld().deps, "nothing")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("nothing"),
    });
  });
});

describe("storyOf", () => {
  it.each(statuses)("tells of %s without what is secret or the creator's words", (status) => {
    const text = JSON.stringify(told(status, { task }));
    expect(text).not.toContain(task.sealedUploadUrl);
    expect(text).not.toContain("Harbour at dawn");
    expect(text).not.toContain("upload-1");
    expect(JSON.parse(text)).toMatchObject({
      status,
      task: { confirmedBytes: 500_000, chunks: 2 },
    });
  });

  it("says whether storage has the video", () => {
    expect(told("uploading").file.isStored).toBe(false);
    expect(told("queued").file.isStored).toBe(true);
    const upload = { ...publicationIn("published").upload, isRemoved: true };
    expect(told("published", { upload }).file.isStored).toBe(false);
  });

  const live = { owner: "request-1", expiresAtMs: nowMs + 1 };
  const waiting = { reason: "rate_limited", untilMs: nowMs + 5_000 };
  const turn = { reason: "own_videos_first", untilMs: nowMs + 5_000 };
  const cameAt = (agoMinutes: number) => ({
    ...waiting,
    untilMs: nowMs - agoMinutes * minuteMs + 1,
  });
  const removed = { ...publicationIn("published").upload, isRemoved: true };
  const final = { failure: { code: "spam_risk", message: "No.", isRetryable: false } };
  it.each<[string, Publication["status"], Partial<Publication>, string | null, number | null]>([
    ["the creator's time", "uploading", {}, "given up", calm.dueAtMs],
    ["the message", "queued", {}, "takes the message", calm.dueAtMs],
    ["a living relay", "relaying", { lease: live }, "fall silent", calm.dueAtMs],
    ["a dead relay", "relaying", { lease: { ...live, expiresAtMs: nowMs } }, "died", calm.dueAtMs],
    ["a wait", "relaying", { waiting }, "goes on", waiting.untilMs],
    [
      "a wait that is over",
      "relaying",
      { waiting: { ...waiting, untilMs: nowMs } },
      "takes",
      calm.dueAtMs,
    ],
    ["a turn", "queued", { waiting: turn }, "another video of the user", turn.untilMs],
    ["TikTok's word", "processing", {}, "asked for the outcome", calm.dueAtMs],
    ["another attempt", "failed", {}, "tried again", calm.dueAtMs],
    ["storage", "failed", final, "storage is emptied", calm.dueAtMs],
    ["a link", "published", { upload: removed }, "the link", calm.dueAtMs],
    ["nothing more of a draft", "in_inbox", { upload: removed }, null, null],
    ["nothing", "cancelled", { dueAtMs: null }, null, null],
  ])("says what comes next: %s", (_name, status, changes, what, atMs) => {
    const { next } = told(status, changes);
    if (what === null) expect(next).toBeNull();
    else expect(next).toEqual({ what: expect.stringContaining(what), atMs });
  });

  it.each<[string, Publication["status"], Partial<Publication>, string | null]>([
    ["a push that comes late", "queued", { dueAtMs: nowMs - 3 * minuteMs - 1 }, "overdue"],
    ["what the poller may just be doing", "queued", { dueAtMs: nowMs - 3 * minuteMs }, null],
    ["storage that nobody empties", "cancelled", { dueAtMs: nowMs - 10 * minuteMs }, "overdue"],
    ["messages that no relay takes", "queued", { nudges: 2 }, "unanswered"],
    ["waiting for its time", "queued", { nudges: 9, waiting }, null],
    ["a time that has just come", "queued", { nudges: 9, waiting: cameAt(3) }, null],
    ["a time that nobody kept", "queued", { nudges: 9, waiting: cameAt(4) }, "unanswered"],
    ["one message that got lost", "queued", { nudges: 1 }, null],
    ["relays that send nothing", "relaying", { fruitlessRuns: 3 }, "fruitless"],
    ["two bad runs", "relaying", { fruitlessRuns: 2 }, null],
    [
      "a relay at work, whatever was before",
      "relaying",
      { fruitlessRuns: 9, nudges: 9, lease: live },
      null,
    ],
    ["an end, whatever was before", "failed", { fruitlessRuns: 9, nudges: 9 }, null],
    [
      "a slow outcome",
      "processing",
      { history: [{ atMs: nowMs - 61 * minuteMs, status: "processing" }] },
      "slow_outcome",
    ],
    [
      "an outcome that takes its time",
      "processing",
      { history: [{ atMs: nowMs - 60 * minuteMs, status: "processing" }] },
      null,
    ],
  ])("judges %s", (_name, status, changes, code) => {
    expect(told(status, changes).trouble?.code ?? null).toBe(code);
  });

  it("names the reason for which relays get nowhere", () => {
    expect(told("relaying", { fruitlessRuns: 3, waiting }).trouble?.what).toContain("rate_limited");
    expect(told("relaying", { fruitlessRuns: 3 }).trouble?.what).toContain("die");
  });
});
