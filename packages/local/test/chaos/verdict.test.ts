/** The verdict must be able to say no. */
import { describe, expect, it } from "vitest";
import type { Sight, StoredRecord } from "../../src/chaos/look.ts";
import type { Published } from "../../src/chaos/publish.ts";
import { judge } from "../../src/chaos/verdict.ts";

const one: Published = {
  job: { name: "video", bytes: 10, creatorIndex: 0, isInterrupted: false },
  sha256: "digest",
  publicationId: "id",
  resumes: 0,
  refusal: null,
};
const record: StoredRecord = {
  id: "id",
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

  it("allows a clear failure to keep its video for another attempt", () => {
    const tikTok = { posts: [], tasks: [] };
    expect(counts({ records: [failed], tikTok, objectKeys: [failed.upload.key] })).toEqual([
      0, 0, 0,
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
    ["a due time left", [0, 0, 1], { records: [{ ...record, dueAtMs: 1 }] }],
  ])("names %s", (_, expected, sight) => {
    expect(counts(sight)).toEqual(expected);
  });

  it("names an upload that was refused", () => {
    expect(counts({}, { ...one, refusal: "no" })).toEqual([1, 0, 0]);
  });
});
