/** Publications as they look in each status, for tests that need one without the journey that leads there. */
import { publicPost } from "@clipcast/core/testing";
import type { Event, Publication, PublicationStatus } from "../../src/publications/index.ts";
import { publicationStatus } from "../../src/publications/record.ts";

export const nowMs = 1_800_000_000_000;
export const statuses = publicationStatus.options;

export const events: { [Type in Event["type"]]: Extract<Event, { type: Type }> } = {
  "upload-completed": { type: "upload-completed", etag: '"whole"' },
  "relay-started": { type: "relay-started", owner: "relay-1", leaseUntilMs: nowMs + 30_000 },
  "bytes-delivered": { type: "bytes-delivered" },
  published: { type: "published", postIds: ["7600000000000000123"] },
  "delivered-to-inbox": { type: "delivered-to-inbox" },
  failed: { type: "failed", failure: { code: "spam_risk", message: "No.", isRetryable: false } },
  "cancel-requested": { type: "cancel-requested" },
  cancelled: { type: "cancelled" },
  retried: { type: "retried" },
};

export function publicationIn(status: PublicationStatus): Publication {
  return {
    id: "0190a1b2c3d4e5f60718",
    userId: "user-1",
    openId: "-000creator",
    status,
    file: { name: "harbour.mp4", bytes: 1_000_000, contentType: "video/mp4", durationMs: null },
    post: publicPost,
    consent: { atMs: nowMs - 60_000, textVersion: "2026-11" },
    creatorUsername: "demo.creator",
    upload: {
      key: "uploads/user-1/0190a1b2c3d4e5f60718",
      uploadId: "upload-1",
      partBytes: 8_388_608,
      partCount: 1,
      etag: status === "uploading" ? null : '"whole"',
      isRemoved: false,
    },
    attempt: 1,
    pastFailures: [],
    task: null,
    deadTasks: [],
    lease: status === "relaying" ? { owner: "relay-0", expiresAtMs: nowMs + 10_000 } : null,
    fence: 3,
    fruitlessRuns: 2,
    waiting: null,
    cancelRequestedAtMs: null,
    checks: 4,
    nudges: 5,
    dueAtMs: nowMs,
    postIds: [],
    failure: status === "failed" ? { code: "internal", message: "No.", isRetryable: true } : null,
    history: [{ atMs: nowMs - 60_000, status }],
    createdAtMs: nowMs - 60_000,
    updatedAtMs: nowMs - 60_000,
  };
}
