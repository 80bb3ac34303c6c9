// Every behaviour of TikTok that its documentation leaves open, or that depends on an agreement with
// TikTok, as one named knob. Defaults are strict: what the sandbox accepts, TikTok should. The page, the
// README table and the control API are all drawn from this schema. "§" is a section of the fact sheet.

import { z } from "zod";

const millis = z.int().min(0);
const perMinute = z.int().min(1).max(100_000);
const count = z.int().min(0).max(1_000_000);

/** "MB" has two readings (§7.2); strict stays inside both. */
export const mbReadings = ["strict", "decimal", "binary"] as const;
export type MbReading = (typeof mbReadings)[number];

const oauthKnobs = {
  oauthErrorStatus: z.literal([200, 400]).default(200).describe("§1.7 HTTP status of OAuth errors"),
  pkce: z
    .enum(["optional", "required"])
    .default("optional")
    .describe("§1.2 is a code_challenge demanded"),
  codeLifetimeMs: millis.default(60_000).describe("§1.4 life of an authorization code"),
  accessTokenLifetimeSec: z.int().min(1).default(86_400).describe("§1.4 life of an access token"),
  refreshTokenLifetimeSec: z
    .int()
    .min(1)
    .default(31_536_000)
    .describe("§1.4 life of a refresh token"),
  refreshRotation: z
    .enum(["rotate", "grace", "same"])
    .default("rotate")
    .describe(
      "§1.5 a refresh kills the old refresh token, leaves it a grace, or returns the same one",
    ),
  refreshGraceMs: millis
    .default(60_000)
    .describe("§1.5 life left to a superseded token under grace"),
  refreshClock: z
    .enum(["fixed", "sliding"])
    .default("fixed")
    .describe("§1.5 do the 365 days count from the first issue or from each refresh"),
  requireHttpsRedirect: z
    .boolean()
    .default(false)
    .describe("§1.1 refuse http redirect URIs, as TikTok does for web apps"),
  anyLoopbackRedirect: z
    .boolean()
    .default(false)
    .describe("§1.1 not TikTok: accept any redirect URI on localhost, registered or not"),
};

const apiKnobs = {
  slashlessPaths: z
    .enum(["refuse", "accept"])
    .default("refuse")
    .describe("§0 paths without their slash"),
  userInfoPerMinute: perMinute.default(600).describe("§11 user/info calls per token"),
  creatorInfoPerMinute: perMinute.default(20).describe("§11 creator_info calls per token"),
  initPerMinute: perMinute.default(6).describe("§11 init calls per token"),
  statusPerMinute: perMinute.default(30).describe("§11 status/fetch calls per token"),
  cancelPerMinute: perMinute
    .default(20)
    .describe("§9 cancel calls per token (number not documented)"),
  retryAfterHeader: z.boolean().default(false).describe("§11 send Retry-After with 429"),
  logIdHeader: z.boolean().default(false).describe("§0 copy log_id into x-tt-logid"),
  invalidParamsCode: z
    .enum(["invalid_params", "invalid_param"])
    .default("invalid_params")
    .describe("§4.4 spelling of the code: the wire's or the documentation's"),
  ungrantedFieldCode: z
    .enum(["scope_not_authorized", "scope_permission_missed"])
    .default("scope_not_authorized")
    .describe("§2 code for a user field outside the granted scopes"),
  encodedFieldCommas: z
    .enum(["refuse", "accept"])
    .default("refuse")
    .describe("§2 %2C between fields"),
  capErrorData: z
    .enum(["empty", "filled", "absent"])
    .default("empty")
    .describe("§3 what `data` holds in creator-info answers of 200 with an error"),
};

const postKnobs = {
  audited: z
    .boolean()
    .nullable()
    .default(null)
    .describe("§12 overrides every app's isAudited; null leaves it"),
  postsPerDayMax: count.default(15).describe("§12 direct posts per creator and 24 h"),
  activeCreatorsPerDayMax: count
    .default(500)
    .describe("§12 posting creators per audited app and 24 h"),
  unauditedCreatorsPerDayMax: count
    .default(5)
    .describe("§12 posting creators per unaudited app and 24 h"),
  pendingSharesMax: count.default(5).describe("§5 drafts not yet posted"),
  pendingSharesWindow: z
    .enum(["rolling", "concurrent"])
    .default("rolling")
    .describe("§5 drafts of the last 24 h count, or all that wait"),
  pendingSharesStatus: z
    .literal([403, 400])
    .default(403)
    .describe("§5 HTTP status when too many wait"),
  missingPrivacyStatus: z
    .literal([400, 403])
    .default(400)
    .describe(
      "§4.4 missing privacy_level: 400 invalid_params or 403 privacy_level_option_mismatch",
    ),
  unauditedNonPrivate: z
    .enum(["refuse", "force"])
    .default("refuse")
    .describe(
      "§12 unaudited app posts wider than SELF_ONLY on a private account: refused or forced private",
    ),
  brandedPrivate: z
    .enum(["refuse", "accept"])
    .default("refuse")
    .describe("§4.4 branded with SELF_ONLY"),
  brandTogglesRequired: z.boolean().default(false).describe("§4.1 both brand toggles must be sent"),
  inboxPostInfo: z
    .enum(["refuse", "ignore"])
    .default("refuse")
    .describe("§5 post_info sent with a draft"),
  verifiedDomains: z
    .array(z.string())
    .max(100)
    .default([])
    .describe("§14 domains PULL_FROM_URL may use"),
  verifiedPrefixes: z.array(z.string()).max(100).default([]).describe("§14 URL prefixes likewise"),
};

const transferKnobs = {
  mbReading: z
    .enum(mbReadings)
    .default("strict")
    .describe("§7.2 how long a megabyte is; strict: both"),
  maxVideoBytes: z
    .int()
    .min(1)
    .nullable()
    .default(4_294_967_296)
    .describe("§7.6 largest video_size taken at init; null checks nothing"),
  uploadUrlLifetimeMs: millis.default(3_600_000).describe("§4.3 life of an upload_url"),
  uploadIdleMs: z
    .int()
    .min(1)
    .default(30_000)
    .describe("§7.4 a PUT silent for so long is broken off"),
  repeatedChunk: z
    .literal([416, 206])
    .default(416)
    .describe("§7.4 answer to a range already taken"),
  uploadedBytesMeaning: z
    .enum(["count", "last-index"])
    .default("count")
    .describe("§7.4 the number in the answered Content-Range"),
  expiredUpload: z
    .enum(["fail", "stuck"])
    .default("fail")
    .describe(
      "§16.5 an unfinished upload past its hour: FAILED(internal), or PROCESSING_UPLOAD for ever",
    ),
  cancelFileUpload: z
    .enum(["refuse", "accept"])
    .default("refuse")
    .describe("§9 cancel of a FILE_UPLOAD"),
  retainVideoBytes: z
    .int()
    .min(0)
    .default(20_000_000_000)
    .describe("not TikTok: videos kept on disk; beyond it the oldest files go, their records stay"),
};

const outcomeKnobs = {
  mediaCheck: z
    .enum(["full", "container", "off"])
    .default("full")
    .describe(
      "§7.6 look into the video: container, duration, picture size and frame rate; container; nothing",
    ),
  processingMs: millis.default(1500).describe("§8 processing after the last byte"),
  processingMsPerGb: millis.default(500).describe("§8 more processing for each GB"),
  pullMs: millis.default(3000).describe("§7.5 a pull fails after this (no fetcher is built in)"),
  moderationMs: millis
    .nullable()
    .default(1000)
    .describe("§8 from complete to the public post id; null: it never comes"),
  publishIdHiddenMs: millis
    .default(0)
    .describe("§8 a fresh publish_id is unknown to status for so long"),
  publishIdRetentionMs: millis
    .nullable()
    .default(null)
    .describe("§8 a publish_id is forgotten after; null: never"),
  webhookRetryBaseMs: z
    .int()
    .min(1)
    .default(1000)
    .describe("§10 first redelivery delay, doubled each time"),
  webhookHorizonMs: millis.default(259_200_000).describe("§10 redelivery stops after 72 h"),
  webhookTimeoutMs: z.int().min(1).default(5000).describe("§10 wait for the receiver's 200"),
  webhookResign: z.boolean().default(false).describe("§10 redeliveries are signed with a fresh t"),
  webhookPostIdType: z
    .enum(["string", "number"])
    .default("string")
    .describe("§10 JSON type of post_id"),
  directPublishType: z
    .enum(["DIRECT_PUBLISH", "DIRECT_POST"])
    .default("DIRECT_PUBLISH")
    .describe("§10 publish_type of direct posts"),
};

export const knobsSchema = z.strictObject({
  ...postKnobs,
  ...outcomeKnobs,
  ...transferKnobs,
  ...oauthKnobs,
  ...apiKnobs,
});

export type Knobs = z.infer<typeof knobsSchema>;

/** A change names some knobs; a knob that is not named keeps its value. */
export function applyKnobs(knobs: Knobs, change: unknown): Knobs {
  return knobsSchema.parse({ ...knobs, ...z.record(z.string(), z.unknown()).parse(change) });
}

export const defaultKnobs: Knobs = knobsSchema.parse({});
