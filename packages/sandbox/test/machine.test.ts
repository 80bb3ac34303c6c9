import { describe, expect, it } from "vitest";
import { dueAtMs, type TaskEvent, transition } from "../src/machine.ts";
import { type Task, taskStatuses } from "../src/state.ts";

const task: Task = {
  publishId: "v_pub_file~v2-1.7600000000000000001",
  kind: "direct",
  source: "FILE_UPLOAD",
  clientKey: "key",
  username: "demo.creator",
  post: null,
  uploadId: "1",
  uploadTokenHash: "hash",
  totalBytes: 10,
  chunkBytes: 10,
  chunkCount: 1,
  uploadedBytes: 0,
  chunks: [],
  contentType: null,
  sha256: null,
  status: "PROCESSING_UPLOAD",
  verdict: null,
  failReason: null,
  createdAtMs: 0,
  expiresAtMs: 1000,
  transferredAtMs: null,
  settleAtMs: null,
};
const chunk = { index: 0, firstByte: 0, bytes: 10, firstByteAtMs: 1, lastByteAtMs: 2 };
const events: TaskEvent[] = [
  { type: "chunkStored", chunk, contentType: "video/mp4" },
  { type: "transferred", sha256: "x", atMs: 3, settleAtMs: 9, verdict: null },
  { type: "settled", verdict: null },
  { type: "settled", verdict: "spam_risk" },
  { type: "creatorPosted" },
  { type: "failed", reason: "internal" },
];

describe("a task", () => {
  it("goes from the last byte through processing to complete", () => {
    const full = events.slice(0, 2).reduce(transition, task);
    expect(full).toMatchObject({ status: "PROCESSING_UPLOAD", uploadedBytes: 10 });
    expect(dueAtMs(full)).toBe(9);
    expect(transition(full, { type: "settled", verdict: null }).status).toBe("PUBLISH_COMPLETE");
  });

  it("fails with the verdict of processing", () => {
    const failed = transition(task, { type: "settled", verdict: "duration_check_failed" });
    expect(failed).toMatchObject({ status: "FAILED", failReason: "duration_check_failed" });
  });

  it("ignores a chunk that is not next", () => {
    const late = { ...chunk, firstByte: 5 };
    expect(transition(task, { type: "chunkStored", chunk: late, contentType: "video/mp4" })).toBe(
      task,
    );
  });

  it("is not transferred before every byte is in", () => {
    expect(transition(task, events[1] ?? { type: "creatorPosted" })).toBe(task);
  });

  it("as a draft waits for its creator, who may post it more than once", () => {
    const inbox = transition({ ...task, kind: "inbox" }, { type: "settled", verdict: null });
    expect(inbox.status).toBe("SEND_TO_USER_INBOX");
    const posted = transition(inbox, { type: "creatorPosted" });
    expect(posted.status).toBe("PUBLISH_COMPLETE");
    expect(transition(posted, { type: "creatorPosted" }).status).toBe("PUBLISH_COMPLETE");
  });

  it("once failed never changes, and once complete never changes its status", () => {
    for (const status of taskStatuses) {
      const finals: string[] = ["FAILED", "PUBLISH_COMPLETE"];
      if (!finals.includes(status)) continue;
      for (const event of events) {
        expect(transition({ ...task, status }, event).status).toBe(status);
      }
    }
  });
});
