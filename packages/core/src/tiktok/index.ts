/**
 * TikTok, as this product uses it: login, creator info, the life of one upload task, and its errors sorted once.
 *
 * Answers are validated, and judged by their body's error code, never by HTTP status alone: TikTok reports some
 * refusals with 200. A call throws `TikTokRefusal` when TikTok said no, and `RetryableError` when it said nothing
 * useful; both are safe to ask again, because nothing here posts until bytes are sent. `SendChunk`, which does send
 * them, answers an outcome instead, `unknown` among them.
 */
import type { PostSettings } from "../post/index.ts";
import type { ByteSource } from "../storage/index.ts";

export { createTikTokApi, type TikTokConfig } from "./api.ts";
export { TikTokRefusal } from "./envelope.ts";
export { createChunkSender } from "./put-chunk.ts";
export { capRetryMs, explain, type Reaction, reactionTo } from "./refusals.ts";
export { verifyWebhook, type WebhookEvent, type WebhookVerdict } from "./webhook.ts";

export interface TokenPair {
  openId: string;
  accessToken: string;
  refreshToken: string;
  accessExpiresInSec: number;
  refreshExpiresInSec: number;
  scopes: string[];
}

export interface CreatorInfo {
  nickname: string;
  username: string;
  /** Signed, valid for two hours: for display now, never to be stored. */
  avatarUrl: string | null;
  privacyOptions: string[];
  isCommentDisabled: boolean;
  isDuetDisabled: boolean;
  isStitchDisabled: boolean;
  maxDurationSec: number;
}

export interface ChunkPlan {
  chunkBytes: number;
  chunkCount: number;
}

export interface UploadTask {
  publishId: string;
  /** Carries a bearer token in its query: seal it, never log it. */
  uploadUrl: string;
}

export type TaskStage = "uploading" | "published" | "in_inbox" | "failed";

export interface TaskStatus {
  stage: TaskStage;
  failReason: string | null;
  /** Post ids exceed 2^53; they stay text. */
  postIds: string[];
  uploadedBytes: number | null;
}

export interface TikTokApi {
  authorizeUrl(options: { state: string; codeChallenge: string | null; isAdding: boolean }): string;
  exchangeCode(code: string, codeVerifier: string | null): Promise<TokenPair>;
  refresh(refreshToken: string): Promise<TokenPair>;
  revoke(accessToken: string): Promise<void>;
  /** The display name; needs `user.info.basic`. */
  displayName(accessToken: string): Promise<string>;
  creatorInfo(accessToken: string): Promise<CreatorInfo>;
  init(
    accessToken: string,
    request: { post: PostSettings; bytes: number; plan: ChunkPlan },
  ): Promise<UploadTask>;
  status(accessToken: string, publishId: string): Promise<TaskStatus>;
  cancel(accessToken: string, publishId: string): Promise<void>;
}

export interface ChunkRequest {
  uploadUrl: string;
  contentType: string;
  firstByte: number;
  lastByte: number;
  totalBytes: number;
  body: ByteSource;
  signal: AbortSignal;
}

/**
 * What became of one chunk.
 * - `accepted`: 206, or 201 (`isLast`) when TikTok has everything.
 * - `mismatch`: 416, the range is not the one TikTok waits for.
 * - `gone`: 403 or 404, this upload URL takes no more bytes.
 * - `rejected`: 400, the request itself is wrong; repeating it as it is cannot help.
 * - `unknown`: no answer, or a gateway's; the bytes may have arrived.
 */
export type ChunkOutcome =
  | { type: "accepted"; isLast: boolean }
  | { type: "mismatch" }
  | { type: "gone"; httpStatus: number }
  | { type: "rejected"; httpStatus: number }
  | { type: "unknown"; reason: string };

/**
 * Takes the body to its end or destroys it. Throws only what the body failed with, unless that is a broken connection:
 * storage's or TikTok's, the outcome is unknown.
 */
export type SendChunk = (request: ChunkRequest) => Promise<ChunkOutcome>;

export interface TikTokDeps {
  tiktok: TikTokApi;
}
