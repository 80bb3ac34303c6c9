/**
 * The calls to TikTok's API over an injected fetch. Paths keep their trailing slash: whether TikTok takes them without
 * is not documented.
 */
import * as z from "zod/mini";
import { FatalError, RetryableError } from "../errors/index.ts";
import type { PostSettings } from "../post/index.ts";
import { type HttpAnswer, readApiAnswer, readOAuthAnswer, TikTokRefusal } from "./envelope.ts";
import type { ChunkPlan, TaskStage, TikTokApi, TokenPair } from "./index.ts";
import { reactionTo } from "./refusals.ts";

export interface TikTokConfig {
  /** `https://www.tiktok.com/v2/auth/authorize/` */
  authorizeUrl: string;
  /** `https://open.tiktokapis.com`, without a trailing slash. */
  apiUrl: string;
  /** Host of every upload URL: exactly this, or below it when it begins with a dot. */
  uploadHostSuffix: string;
  clientKey: string;
  clientSecret: string;
  /** Must equal a redirect URI registered at TikTok to the letter. */
  redirectUri: string;
}

export const loginScopes = ["user.info.basic", "video.publish", "video.upload"];

const callTimeoutMs = 20_000;
const unreachableRetryAfterMs = 2_000;
/** The documented bodies have a few hundred bytes; anything near this is not an answer. */
const bodyUnitsMax = 1_000_000;

const tokenAnswer = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: z.number().check(z.positive()),
  open_id: z.string().check(z.minLength(1)),
  refresh_expires_in: z.number().check(z.positive()),
  refresh_token: z.string().check(z.minLength(1)),
  scope: z.string(),
});

const creatorAnswer = z.object({
  creator_avatar_url: z.optional(z.string()),
  creator_username: z.string(),
  creator_nickname: z.string(),
  privacy_level_options: z.array(z.string()),
  comment_disabled: z.boolean(),
  duet_disabled: z.boolean(),
  stitch_disabled: z.boolean(),
  max_video_post_duration_sec: z.number(),
});

const initAnswer = z.object({
  publish_id: z.string().check(z.minLength(1), z.maxLength(64)),
  upload_url: z.url(),
});

const statusAnswer = z.object({
  status: z.string(),
  fail_reason: z.optional(z.string()),
  // TikTok's spelling. Integers beyond 2^53 arrive as text, see `parseJson`.
  publicaly_available_post_id: z._default(z.array(z.union([z.string(), z.number()])), []),
  uploaded_bytes: z.optional(z.number()),
});

const stages: Record<string, TaskStage> = {
  PUBLISH_COMPLETE: "published",
  SEND_TO_USER_INBOX: "in_inbox",
  FAILED: "failed",
};

/** One form-encoded POST to OAuth, credentials added. */
type OAuthCall = (path: string, form: Record<string, string>) => Promise<HttpAnswer>;
/** One JSON POST to the Content Posting API on behalf of an account. */
type PublishCall = (path: string, accessToken: string, body: unknown) => Promise<HttpAnswer>;

export function createTikTokApi(config: TikTokConfig, http: { fetch: typeof fetch }): TikTokApi {
  const oauth: OAuthCall = (path, form) =>
    send(http.fetch, `${config.apiUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        client_key: config.clientKey,
        client_secret: config.clientSecret,
        ...form,
      }).toString(),
    });
  const publish: PublishCall = (path, accessToken, body) =>
    send(http.fetch, `${config.apiUrl}/v2/post/publish/${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${accessToken}`,
        "content-type": "application/json; charset=UTF-8",
      },
      body: JSON.stringify(body),
    });
  return {
    authorizeUrl: (options) => authorizeUrl(config, options),
    ...loginCalls(config, oauth),
    ...publishCalls(config, publish),

    async displayName(accessToken) {
      const url = `${config.apiUrl}/v2/user/info/?fields=open_id,display_name`;
      const answer = await send(http.fetch, url, {
        method: "GET",
        headers: { authorization: `Bearer ${accessToken}` },
      });
      const schema = z.object({ user: z.object({ display_name: z.string() }) });
      return readApiAnswer(schema, answer).user.display_name;
    },
  };
}

function loginCalls(
  config: TikTokConfig,
  oauth: OAuthCall,
): Pick<TikTokApi, "exchangeCode" | "refresh" | "revoke"> {
  return {
    async exchangeCode(code, codeVerifier) {
      const answer = await oauth("/v2/oauth/token/", {
        grant_type: "authorization_code",
        code,
        redirect_uri: config.redirectUri,
        ...(codeVerifier === null ? {} : { code_verifier: codeVerifier }),
      });
      return tokenPair(answer);
    },

    async refresh(refreshToken) {
      const form = { grant_type: "refresh_token", refresh_token: refreshToken };
      return tokenPair(await oauth("/v2/oauth/token/", form));
    },

    async revoke(accessToken) {
      const answer = await oauth("/v2/oauth/revoke/", { token: accessToken });
      // Success is an empty body or an empty object; a gateway's page or empty 503 is neither.
      if (answer.status < 300 && answer.text.trim() === "") return;
      readOAuthAnswer(z.looseObject({}), answer);
    },
  };
}

function publishCalls(
  config: TikTokConfig,
  publish: PublishCall,
): Pick<TikTokApi, "creatorInfo" | "init" | "status" | "cancel"> {
  return {
    async creatorInfo(accessToken) {
      const answer = await publish("creator_info/query/", accessToken, {});
      const data = readApiAnswer(creatorAnswer, answer);
      return {
        nickname: data.creator_nickname,
        username: data.creator_username,
        avatarUrl: data.creator_avatar_url ?? null,
        privacyOptions: data.privacy_level_options,
        isCommentDisabled: data.comment_disabled,
        isDuetDisabled: data.duet_disabled,
        isStitchDisabled: data.stitch_disabled,
        maxDurationSec: data.max_video_post_duration_sec,
      };
    },

    async init(accessToken, request) {
      const path = request.post.mode === "direct" ? "video/init/" : "inbox/video/init/";
      const answer = await publish(path, accessToken, initBody(request));
      const data = readApiAnswer(initAnswer, answer);
      if (!isUploadHost(config, data.upload_url)) {
        throw new FatalError("upload_host_unknown", "TikTok named an unexpected upload host.");
      }
      return { publishId: data.publish_id, uploadUrl: data.upload_url };
    },

    async status(accessToken, publishId) {
      const answer = await publish("status/fetch/", accessToken, { publish_id: publishId });
      const data = readStatus(answer);
      return {
        // A status that we do not know yet is one that has not ended.
        stage: stages[data.status] ?? "uploading",
        failReason: data.fail_reason ?? null,
        postIds: data.publicaly_available_post_id.map(String),
        uploadedBytes: data.uploaded_bytes ?? null,
      };
    },

    async cancel(accessToken, publishId) {
      readApiAnswer(z.unknown(), await publish("cancel/", accessToken, { publish_id: publishId }));
    },
  };
}

function authorizeUrl(
  config: TikTokConfig,
  options: Parameters<TikTokApi["authorizeUrl"]>[0],
): string {
  const url = new URL(config.authorizeUrl);
  url.searchParams.set("client_key", config.clientKey);
  url.searchParams.set("response_type", "code");
  // A comma-separated list; spaces answer invalid_scope.
  url.searchParams.set("scope", loginScopes.join(","));
  url.searchParams.set("redirect_uri", config.redirectUri);
  url.searchParams.set("state", options.state);
  // Without it TikTok reuses its own session, and a second account cannot be chosen.
  if (options.isAdding) url.searchParams.set("disable_auto_auth", "1");
  if (options.codeChallenge !== null) {
    url.searchParams.set("code_challenge", options.codeChallenge);
    url.searchParams.set("code_challenge_method", "S256");
  }
  return url.toString();
}

function initBody(request: { post: PostSettings; bytes: number; plan: ChunkPlan }) {
  const source_info = {
    source: "FILE_UPLOAD",
    video_size: request.bytes,
    chunk_size: request.plan.chunkBytes,
    total_chunk_count: request.plan.chunkCount,
  };
  const { post } = request;
  if (post.mode === "inbox") return { source_info };
  return {
    post_info: {
      title: post.title,
      privacy_level: post.privacyLevel,
      disable_comment: !post.allowComment,
      disable_duet: !post.allowDuet,
      disable_stitch: !post.allowStitch,
      video_cover_timestamp_ms: post.coverTimestampMs ?? 0,
      // The reference marks both as required and its examples leave them out; saying them always is right for both.
      brand_content_toggle: post.disclosure.brandedContent,
      brand_organic_toggle: post.disclosure.yourBrand,
      is_aigc: post.isAiGenerated,
    },
    source_info,
  };
}

/**
 * The id is the request's only parameter, so `invalid_params` means what `invalid_publish_id` says: TikTok has been seen
 * to answer the one for the other.
 */
function readStatus(answer: HttpAnswer): z.infer<typeof statusAnswer> {
  try {
    return readApiAnswer(statusAnswer, answer);
  } catch (error) {
    if (!(error instanceof TikTokRefusal) || reactionTo(error.code) !== "replan") throw error;
    throw new TikTokRefusal("invalid_publish_id", error.message, error);
  }
}

function tokenPair(answer: HttpAnswer): TokenPair {
  const data = readOAuthAnswer(tokenAnswer, answer);
  return {
    openId: data.open_id,
    accessToken: data.access_token,
    refreshToken: data.refresh_token,
    accessExpiresInSec: data.expires_in,
    refreshExpiresInSec: data.refresh_expires_in,
    scopes: data.scope.split(",").filter((scope) => scope !== ""),
  };
}

/** Bytes and their bearer token go only to TikTok: same scheme as the API, and a host of its own. */
function isUploadHost(config: TikTokConfig, uploadUrl: string): boolean {
  const url = new URL(uploadUrl);
  const suffix = config.uploadHostSuffix;
  if (url.protocol !== new URL(config.apiUrl).protocol) return false;
  return suffix.startsWith(".") ? url.hostname.endsWith(suffix) : url.hostname === suffix;
}

async function send(
  httpFetch: typeof fetch,
  url: string,
  init: RequestInit & { method: string },
): Promise<HttpAnswer> {
  try {
    const answer = await httpFetch(url, {
      ...init,
      redirect: "error",
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text: text.slice(0, bodyUnitsMax),
      retryAfter: answer.headers.get("retry-after"),
    };
  } catch (cause) {
    throw new RetryableError("tiktok_unreachable", "TikTok could not be reached.", {
      cause,
      retryAfterMs: unreachableRetryAfterMs,
    });
  }
}
