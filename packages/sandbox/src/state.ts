// What the sandbox remembers: creators, grants, tokens, upload tasks, posts and webhook deliveries. The
// schemas are both the types and the check on what is read back from disk. Records are replaced, never
// changed in place. Amounts the API calls "size" are bytes here; instants are milliseconds of UTC.

import { z } from "zod";

export const scopes = [
  "user.info.basic",
  "user.info.profile",
  "user.info.stats",
  "video.list",
  "video.upload",
  "video.publish",
] as const;
export const scopeSchema = z.enum(scopes);
export type Scope = z.infer<typeof scopeSchema>;

export const privacyLevels = [
  "PUBLIC_TO_EVERYONE",
  "MUTUAL_FOLLOW_FRIENDS",
  "FOLLOWER_OF_CREATOR",
  "SELF_ONLY",
] as const;
export const privacyLevelSchema = z.enum(privacyLevels);
export type PrivacyLevel = z.infer<typeof privacyLevelSchema>;

export const failReasons = [
  "file_format_check_failed",
  "duration_check_failed",
  "frame_rate_check_failed",
  "picture_size_check_failed",
  "internal",
  "video_pull_failed",
  "publish_cancelled",
  "auth_removed",
  "spam_risk_too_many_posts",
  "spam_risk_user_banned_from_posting",
  "spam_risk_text",
  "spam_risk",
] as const;
export const failReasonSchema = z.enum(failReasons);
export type FailReason = z.infer<typeof failReasonSchema>;

export const creatorSchema = z.strictObject({
  username: z.string().regex(/^[a-z0-9_.]{2,24}$/),
  nickname: z.string().min(1).max(60),
  isPrivate: z.boolean().default(false),
  isCommentOff: z.boolean().default(false),
  isDuetOff: z.boolean().default(false),
  isStitchOff: z.boolean().default(false),
  isBanned: z.boolean().default(false),
  isVerified: z.boolean().default(false),
  maxDurationSec: z.int().min(1).default(600),
  /** Posts made through other apps today: they count against the same cap (§12). */
  postsElsewhereCount: z.int().min(0).default(0),
  bio: z.string().max(80).default(""),
  followerCount: z.int().min(0).default(0),
});
export type Creator = z.infer<typeof creatorSchema>;

export const grantSchema = z.object({
  clientKey: z.string(),
  username: z.string(),
  scopes: z.array(scopeSchema),
  connectedAtMs: z.number(),
});
export type Grant = z.infer<typeof grantSchema>;

export const tokenSchema = z.object({
  hash: z.string(),
  type: z.enum(["access", "refresh"]),
  clientKey: z.string(),
  username: z.string(),
  scopes: z.array(scopeSchema),
  expiresAtMs: z.number(),
});
export type Token = z.infer<typeof tokenSchema>;

export const postInfoSchema = z.object({
  title: z.string(),
  privacyLevel: privacyLevelSchema,
  isDuetOff: z.boolean(),
  isStitchOff: z.boolean(),
  isCommentOff: z.boolean(),
  isBranded: z.boolean(),
  isOwnBrand: z.boolean(),
  isAigc: z.boolean(),
});
export type PostInfo = z.infer<typeof postInfoSchema>;

export const chunkSchema = z.object({
  index: z.number(),
  firstByte: z.number(),
  bytes: z.number(),
  firstByteAtMs: z.number(),
  lastByteAtMs: z.number(),
});
export type Chunk = z.infer<typeof chunkSchema>;

export const taskStatuses = [
  "PROCESSING_UPLOAD",
  "PROCESSING_DOWNLOAD",
  "SEND_TO_USER_INBOX",
  "PUBLISH_COMPLETE",
  "FAILED",
] as const;

export const taskSchema = z.object({
  publishId: z.string(),
  kind: z.enum(["direct", "inbox"]),
  source: z.enum(["FILE_UPLOAD", "PULL_FROM_URL"]),
  clientKey: z.string(),
  username: z.string(),
  post: postInfoSchema.nullable(),
  uploadId: z.string(),
  uploadTokenHash: z.string(),
  totalBytes: z.number(),
  chunkBytes: z.number(),
  chunkCount: z.number(),
  uploadedBytes: z.number(),
  chunks: z.array(chunkSchema),
  contentType: z.string().nullable(),
  sha256: z.string().nullable(),
  status: z.enum(taskStatuses),
  /** What processing found; becomes the status FAILED when processing ends. */
  verdict: failReasonSchema.nullable(),
  failReason: failReasonSchema.nullable(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  transferredAtMs: z.number().nullable(),
  settleAtMs: z.number().nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const postSchema = z.object({
  postId: z.string(),
  publishId: z.string(),
  clientKey: z.string(),
  username: z.string(),
  title: z.string(),
  privacyLevel: privacyLevelSchema,
  isAigc: z.boolean(),
  isBranded: z.boolean(),
  bytes: z.number(),
  sha256: z.string(),
  contentType: z.string(),
  createdAtMs: z.number(),
  /** `moderating` becomes `public` at publicAtMs; the two others stay unless the creator acts. */
  visibility: z.enum(["moderating", "public", "restricted"]),
  publicAtMs: z.number().nullable(),
});
export type Post = z.infer<typeof postSchema>;

export const hookSchema = z.object({
  id: z.string(),
  clientKey: z.string(),
  event: z.string(),
  publishId: z.string().nullable(),
  body: z.string(),
  signedAtSec: z.number(),
  createdAtMs: z.number(),
  attempts: z.number(),
  lastStatus: z.string().nullable(),
  nextAtMs: z.number().nullable(),
  outcome: z.enum(["pending", "delivered", "given-up"]),
});
export type Hook = z.infer<typeof hookSchema>;
