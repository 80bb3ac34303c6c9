/** The publication's record, as stored. Times are epoch milliseconds, sizes bytes. */
import * as z from "zod/mini";
import { postSettings } from "../post/index.ts";

export const publicationStatus = z.enum([
  "uploading",
  "queued",
  "relaying",
  "processing",
  "published",
  "in_inbox",
  "failed",
  "cancelled",
]);
export type PublicationStatus = z.infer<typeof publicationStatus>;

const chunkTask = z.object({
  publishId: z.string(),
  /** Sealed with the context {userId, publicationId}: the URL carries a bearer token. */
  sealedUploadUrl: z.string(),
  /** The URL lives one hour from here. */
  issuedAtMs: z.number(),
  chunkBytes: z.int().check(z.minimum(1)),
  chunkCount: z.int().check(z.minimum(1)),
  /** A count: TikTok has bytes 0 to confirmedBytes - 1. */
  confirmedBytes: z.int().check(z.minimum(0)),
});
export type ChunkTask = z.infer<typeof chunkTask>;

export const publicationSchema = z.object({
  id: z.string(),
  userId: z.string(),
  openId: z.string(),
  status: publicationStatus,
  file: z.object({
    name: z.string(),
    bytes: z.int().check(z.minimum(1)),
    contentType: z.string(),
    durationMs: z.nullable(z.number()),
  }),
  post: postSettings,
  consent: z.object({ atMs: z.number(), textVersion: z.string() }),
  /** For links: the handle as creator info gave it; null for drafts. */
  creatorUsername: z.nullable(z.string()),

  upload: z.object({
    key: z.string(),
    /** Null between the intent to upload and storage's answer. */
    uploadId: z.nullable(z.string()),
    partBytes: z.int().check(z.minimum(1)),
    partCount: z.int().check(z.minimum(1)),
    /** The completed object's ETag, which every ranged read must match. */
    etag: z.nullable(z.string()),
    /** True once nothing of it is left in storage. */
    isRemoved: z.boolean(),
  }),

  /** 1, and one more with every retry by the creator. */
  attempt: z.int().check(z.minimum(1)),
  /** How earlier attempts ended. */
  pastFailures: z.array(z.object({ atMs: z.number(), code: z.string() })),

  /** TikTok refused chunks of this size for this file, and no task has been created since: only smaller ones are tried. */
  refusedChunkBytes: z.optional(z.number()),
  /** The TikTok task that bytes may go to; null before init and after a task has died. */
  task: z.nullable(chunkTask),
  /** Tasks that TikTok itself said can never complete. */
  deadTasks: z.array(z.object({ publishId: z.string(), atMs: z.number(), why: z.string() })),

  /** Who may write and send bytes now. A released lease is null; an expired one tells of a crash. */
  lease: z.nullable(z.object({ owner: z.string(), expiresAtMs: z.number() })),
  /** Fencing token: grows with each lease, and a write with an old one is refused. */
  fence: z.int().check(z.minimum(0)),
  /** Relay invocations since a byte was last confirmed. */
  fruitlessRuns: z.int().check(z.minimum(0)),
  waiting: z.nullable(z.object({ reason: z.string(), untilMs: z.number() })),
  cancelRequestedAtMs: z.nullable(z.number()),

  /** Status checks since `processing` began: the place in the schedule of quick checks. */
  checks: z.int().check(z.minimum(0)),
  /** Relay messages sent again since a relay last began or a byte was confirmed. */
  nudges: z.int().check(z.minimum(0)),
  /** When the poller must look next; null when nothing is left to do. */
  dueAtMs: z.nullable(z.number()),

  postIds: z.array(z.string()),
  failure: z.nullable(
    z.object({ code: z.string(), message: z.string(), isRetryable: z.boolean() }),
  ),
  history: z.array(z.object({ atMs: z.number(), status: publicationStatus })),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type Publication = z.infer<typeof publicationSchema>;
