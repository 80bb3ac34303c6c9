/** The verdict must be able to say no. */
import { describe, expect, it } from "vitest";
import type { Sight, StoredRecord } from "../../src/trial/look.ts";
import { judge, type Submitted } from "../../src/trial/verdict.ts";

const one: Submitted = {
  name: "video",
  sha256: "digest",
  refusal: null,
  cancel: null,
  isRemoved: false,
};
const record: StoredRecord = {
  id: "id",
  openId: "account",
  attempt: 1,
  lease: null,
  status: "published",
  post: { title: "video" },
  upload: { key: "uploads/video", etag: "etag", isRemoved: true },
  failure: null,
  postIds: ["post"],
  dueAtMs: null,
};
const post = { postId: "post", sha256: "digest", url: "" };
const task = {
  publishId: "task",
  status: "PUBLISH_COMPLETE",
  sha256: "digest",
  uploadedBytes: 10,
  chunks: [],
};
const good: Sight = {
  records: [record],
  objectKeys: [],
  openUploadKeys: [],
  deadLetters: 0,
  tikTok: { posts: [post], tasks: [task] },
};
const failed: StoredRecord = {
  ...record,
  status: "failed",
  postIds: [],
  failure: { code: "relay_failed", isRetryable: true },
  upload: { ...record.upload, isRemoved: false },
  dueAtMs: 1,
};

const counts = (sight: Partial<Sight>, published = one) => {
  const { lost, doubled, orphans } = judge([published], { ...good, ...sight });
  return [lost.length, doubled.length, orphans.length];
};

describe("the verdict", () => {
  it("has nothing to say of one post with the same bytes", () => {
    expect(counts({})).toEqual([0, 0, 0]);
  });

  it("allows a clear failure to keep its video, and what lies under its key, for another attempt", () => {
    const tikTok = { posts: [], tasks: [] };
    const keys = [failed.upload.key];
    const kept = { records: [failed], tikTok, objectKeys: keys };
    expect(counts({ ...kept, openUploadKeys: keys })).toEqual([0, 0, 0]);
    const other = ["uploads/other"];
    expect(counts({ ...kept, objectKeys: other, openUploadKeys: other })).toEqual([0, 0, 2]);
  });

  it("names whose leftovers they are", () => {
    const { orphans } = judge([one], { ...good, objectKeys: ["uploads/video", "uploads/x"] });
    expect(orphans).toEqual([
      `object uploads/video of ${one.name}, published, 1 links`,
      "object uploads/x of nobody",
    ]);
  });

  it.each<[string, number[], Partial<Sight>]>([
    ["no record", [1, 0, 0], { records: [] }],
    ["no post", [1, 0, 0], { tikTok: { posts: [], tasks: [task] } }],
    ["other bytes", [2, 0, 0], { tikTok: { posts: [{ ...post, sha256: "other" }], tasks: [] } }],
    ["another video's link", [1, 0, 0], { records: [{ ...record, postIds: ["other"] }] }],
    ["no end", [1, 0, 1], { records: [{ ...record, status: "relaying", dueAtMs: 1 }] }],
    ["a failure that is posted", [1, 0, 0], { records: [failed] }],
    [
      "a second post",
      [0, 1, 0],
      { tikTok: { posts: [post, { ...post, postId: "2" }], tasks: [task] } },
    ],
    ["a second whole task", [0, 1, 0], { tikTok: { posts: [post], tasks: [task, task] } }],
    ["a second record", [0, 1, 0], { records: [record, record] }],
    ["an object left", [0, 0, 1], { objectKeys: ["uploads/video"] }],
    ["an open upload left", [0, 0, 1], { openUploadKeys: ["uploads/video"] }],
    ["a lease left", [0, 0, 1], { records: [{ ...record, lease: { owner: "relay" } }] }],
    ["a dead letter", [0, 0, 1], { deadLetters: 1 }],
    ["a due time left", [0, 0, 1], { records: [{ ...record, dueAtMs: 1 }] }],
  ])("names %s", (_, expected, sight) => {
    expect(counts(sight)).toEqual(expected);
  });

  it("names an upload that was refused", () => {
    expect(counts({}, { ...one, refusal: "no" })).toEqual([1, 0, 0]);
  });

  it("lets a task that TikTok failed be followed by another with the same bytes", () => {
    const tasks = [{ ...task, status: "FAILED" }, task];
    expect(counts({ tikTok: { posts: [post], tasks } })).toEqual([0, 0, 0]);
  });
});

describe("the verdict on a cancellation", () => {
  const nothing = { posts: [], tasks: [] };
  const cancelled: StoredRecord = { ...record, status: "cancelled", postIds: [] };
  const gone: Partial<Sight> = { records: [cancelled], tikTok: nothing };
  const lost = (sight: Partial<Sight>, change: Partial<Submitted>) =>
    counts(sight, { ...one, ...change })[0];

  it.each<[string, Partial<Sight>, Partial<Submitted>]>([
    ["done, and nothing posted", gone, { cancel: "cancelled" }],
    ["done in the middle of the upload", gone, { cancel: "cancelled", refusal: "upload_gone" }],
    ["promised and kept", gone, { cancel: "asked" }],
    ["promised, but TikTok had the video", {}, { cancel: "asked" }],
    ["refused, and posted", {}, { cancel: "too-late" }],
    ["never answered, and done", gone, { cancel: "none" }],
  ])("accepts one that was %s", (_, sight, change) => {
    expect(lost(sight, change)).toBe(0);
  });

  const failure: Partial<Sight> = {
    records: [{ ...failed, failure: { code: "relay_failed", isRetryable: false } }],
    tikTok: nothing,
  };

  it.each<[string, Partial<Sight>, Partial<Submitted>]>([
    ["done, but posted", { records: [cancelled] }, { cancel: "cancelled" }],
    ["done, but went on", {}, { cancel: "cancelled" }],
    ["refused, but done", gone, { cancel: "too-late" }],
    ["refused, but failed", failure, { cancel: "too-late" }],
    ["never asked for", gone, {}],
  ])("names one that was %s", (_, sight, change) => {
    expect(lost(sight, change)).toBe(1);
  });
});

describe("the verdict on a removed account", () => {
  const removed: Submitted = { ...one, isRemoved: true };
  const inDoubt: StoredRecord = {
    ...failed,
    failure: { code: "reconnect_required", isRetryable: false },
    upload: { ...failed.upload, isRemoved: true },
    dueAtMs: null,
  };
  const nothing = { posts: [], tasks: [] };

  it("accepts refusals, clear failures, and a post that TikTok could not be asked about", () => {
    expect(counts({ records: [], tikTok: nothing }, { ...removed, refusal: "no" })[0]).toBe(0);
    expect(counts({ records: [failed], tikTok: nothing }, removed)[0]).toBe(0);
    expect(counts({ records: [inDoubt] }, removed)[0]).toBe(0);
  });

  it("names what goes on for ever, and a post behind an offer to try again", () => {
    const endless: StoredRecord = { ...record, status: "relaying" };
    expect(counts({ records: [endless], tikTok: nothing }, removed)[0]).toBe(1);
    expect(counts({ records: [failed] }, removed)[0]).toBe(1);
    expect(counts({ records: [inDoubt] })[0]).toBe(1);
  });
});
