/**
 * The HTTP API as schemas: what each route takes and what it answers.
 *
 * Handlers parse requests with these, the OpenAPI document is made from them, and the client takes its types from
 * here and nothing else. They check shape only (types, unknown fields, bounds of lists); what a value means, such as
 * whether a privacy level may be chosen, is core's to judge, so that each rule has one home and one stable code.
 * Times are epoch milliseconds, sizes are bytes.
 */
import { postSettings } from "@clipcast/core/post";
import * as z from "zod/mini";

/** Parts signed by one request: a first batch fills every connection, and 100 URLs stay far below 6 MB. */
export const signBatchMax = 100;
/** Rows in one page of `GET /api/publications`. */
export const pageRowsMax = 50;

const id = z.string().check(z.minLength(1), z.maxLength(200));

/** Of a part's bytes: CRC-32 as in zip and PNG, its four bytes big-endian, in base64. Storage refuses other bytes. */
const crc32 = z.string().check(z.regex(/^[A-Za-z0-9+/]{6}==$/));

/** The header by which a client that lost our answer finds what it began. */
export const idempotencyKey = id;

export const accountRequest = z.strictObject({ accountId: id });
export const publicationRequest = z.strictObject({ publicationId: id });

export const initRequest = z.strictObject({
  accountId: id,
  file: z.strictObject({
    name: z.string().check(z.minLength(1), z.maxLength(255)),
    bytes: z.int(),
    contentType: z.string(),
    /** Checked against the creator's limit when given. */
    durationMs: z.optional(z.int().check(z.minimum(0))),
  }),
  post: postSettings,
  /** The creator's explicit agreement, recorded with its time; without it nothing is ever sent to TikTok. */
  consent: z.strictObject({
    agreed: z.literal(true),
    textVersion: z.string().check(z.minLength(1), z.maxLength(100)),
  }),
  /** The cut that suits the client's link. Its first parts are signed at once when the plan comes out the same. */
  plan: z.optional(
    z.strictObject({
      partBytes: z.int().check(z.minimum(1)),
      /** Of parts 1, 2, 3 …, as many as are known. */
      crc32s: z.array(crc32).check(z.maxLength(signBatchMax)),
    }),
  ),
});

export const signRequest = z.strictObject({
  publicationId: id,
  parts: z
    .array(z.strictObject({ partNumber: z.int().check(z.minimum(1)), crc32 }))
    .check(z.minLength(1), z.maxLength(signBatchMax)),
});

export const listQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(pageRowsMax)), 20),
  /** As an earlier page gave it; it becomes part of a key, so it has the shape of our ids. */
  cursor: z.optional(z.string().check(z.regex(/^[0-9a-f]{1,64}$/))),
});

export const accountView = z.object({
  id: z.string(),
  displayName: z.string(),
  state: z.enum(["connected", "reconnect"]),
  /** Why the account must be connected again; null while connected. */
  reconnectReason: z.nullable(z.string()),
  canPublish: z.boolean(),
  canSendDrafts: z.boolean(),
});

export const meResponse = z.object({
  userId: z.string(),
  accounts: z.array(accountView),
  limits: z.object({ maxFileBytes: z.number(), contentTypes: z.array(z.string()) }),
  /** False: TikTok lets this app post only to private accounts, visible only to the creator. */
  isAudited: z.boolean(),
});

/** Who looks at the page. To be signed out is an ordinary answer here, and a refusal everywhere else. */
export const sessionResponse = z.discriminatedUnion("isSignedIn", [
  z.object({ isSignedIn: z.literal(true), me: meResponse }),
  /** `hasExpired`: there was a session, and it has ended. */
  z.object({ isSignedIn: z.literal(false), hasExpired: z.boolean() }),
]);

export const creatorInfoResponse = z.object({
  nickname: z.string(),
  username: z.string(),
  avatarUrl: z.nullable(z.string()),
  privacyOptions: z.array(z.string()),
  isCommentDisabled: z.boolean(),
  isDuetDisabled: z.boolean(),
  isStitchDisabled: z.boolean(),
  maxDurationSec: z.number(),
});

export const refreshResponse = z.object({
  accessExpiresAtMs: z.number(),
  refreshExpiresAtMs: z.number(),
});

export const signedPart = z.object({
  partNumber: z.number(),
  /** Presigned PUT; the body must be exactly `bytes` long. */
  url: z.string(),
  /** Must be sent with it, as they are. */
  headers: z.record(z.string(), z.string()),
  firstByte: z.number(),
  bytes: z.number(),
  expiresAtMs: z.number(),
});

export const publicationStatuses = [
  "uploading",
  "queued",
  "relaying",
  "processing",
  "published",
  "in_inbox",
  "failed",
  "cancelled",
] as const;

export const publicationView = z.object({
  id: z.string(),
  accountId: z.string(),
  status: z.enum(publicationStatuses),
  /** True once the status can never change again. */
  isSettled: z.boolean(),
  file: z.object({ name: z.string(), bytes: z.number(), contentType: z.string() }),
  post: postSettings,
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  /** Both legs: bytes that storage has, bytes that TikTok has confirmed. */
  progress: z.object({ storedBytes: z.number(), relayedBytes: z.number(), totalBytes: z.number() }),
  /** Set while nothing can be done but wait, for example for a daily cap of TikTok's. */
  waiting: z.nullable(
    z.object({
      /** A sentence for the creator. */
      reason: z.string(),
      untilMs: z.number(),
    }),
  ),
  failure: z.nullable(
    z.object({ code: z.string(), message: z.string(), isRetryable: z.boolean() }),
  ),
  /** True while `POST /api/tiktok/publish-retry` would begin another attempt with the stored video. */
  canRetry: z.boolean(),
  isCancelRequested: z.boolean(),
  /** The public post; null while unknown, and for ever for posts that are not public. */
  postUrl: z.nullable(z.string()),
  /** Of the account that it goes to, from the beginning; null for drafts, which are sent without asking for a handle. */
  profileUrl: z.nullable(z.string()),
  history: z.array(z.object({ atMs: z.number(), status: z.enum(publicationStatuses) })),
});

export const initResponse = z.object({
  publication: publicationView,
  upload: z.object({
    partBytes: z.number(),
    partCount: z.number(),
    /** Those of the proposed plan; empty when the plan came out otherwise. More by `PUT /api/tiktok/upload-chunk`. */
    parts: z.array(signedPart),
  }),
});
export const signResponse = z.object({ parts: z.array(signedPart) });
export const partsResponse = z.object({
  partBytes: z.number(),
  partCount: z.number(),
  /** What storage has, in order of part number; a part of a wrong size is left out. */
  parts: z.array(z.object({ partNumber: z.number(), bytes: z.number(), crc32: z.string() })),
});
export const publicationResponse = z.object({ publication: publicationView });
export const listResponse = z.object({
  publications: z.array(publicationView),
  nextCursor: z.nullable(z.string()),
});

/** RFC 9457 problem details. `code` is stable; `detail` is a sentence that may be shown to the creator. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  /** Present for `invalid_request`: what is wrong, by path. */
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
  /** Present when waiting helps. */
  retryAfterMs: z.optional(z.number()),
  /** Present for `upload_already_complete`: the publication as it stands. */
  publication: z.optional(publicationView),
});

export type { PostSettings } from "@clipcast/core/post";
export type InitRequest = z.infer<typeof initRequest>;
export type SignRequest = z.infer<typeof signRequest>;
export type AccountView = z.infer<typeof accountView>;
export type MeResponse = z.infer<typeof meResponse>;
export type SessionResponse = z.infer<typeof sessionResponse>;
export type CreatorInfoResponse = z.infer<typeof creatorInfoResponse>;
export type RefreshResponse = z.infer<typeof refreshResponse>;
export type SignedPart = z.infer<typeof signedPart>;
export type PublicationView = z.infer<typeof publicationView>;
export type InitResponse = z.infer<typeof initResponse>;
export type SignResponse = z.infer<typeof signResponse>;
export type PartsResponse = z.infer<typeof partsResponse>;
export type PublicationResponse = z.infer<typeof publicationResponse>;
export type ListResponse = z.infer<typeof listResponse>;
export type Problem = z.infer<typeof problem>;
