// Refusals in TikTok's two dialects. API v2 wraps an error object (fact sheet §11); OAuth answers flat
// (§1.7). Each refusal names the section it enforces: that goes to the request log, never on the wire.

const openGuidelines =
  "Please review our integration guidelines at https://developers.tiktok.com/doc/content-sharing-guidelines/";

/** Status and wire message per code; a refusal may bring its own (§4.4, §8, §9, §11). */
const apiErrors = {
  access_token_invalid: [401, "The access token is invalid or not found in the request."],
  scope_not_authorized: [
    401,
    "The user did not authorize the scope required for completing this request.",
  ],
  scope_permission_missed: [400, "The user did not authorize the scope of a requested field."],
  rate_limit_exceeded: [429, "The API rate limit was exceeded. Please try again later."],
  invalid_params: [400, "The request is empty or incorrect"],
  invalid_publish_id: [400, "The publish_id does not exist."],
  token_not_authorized_for_specified_publish_id: [
    400,
    "The access token is not authorized for the specified publish_id.",
  ],
  publish_not_cancellable: [400, "The post can no longer be cancelled."],
  spam_risk_too_many_posts: [403, "The creator reached the daily cap of posts through the API."],
  spam_risk_user_banned_from_posting: [403, "The creator is banned from posting."],
  spam_risk_too_many_pending_share: [403, "spam_risk_too_many_pending_share"],
  reached_active_user_cap: [403, "The daily quota of active creators is used up."],
  unaudited_client_can_only_post_to_private_accounts: [403, openGuidelines],
  privacy_level_option_mismatch: [403, "privacy_level is not among the creator's options."],
  url_ownership_unverified: [
    403,
    "Please review our URL ownership verification rules at https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide/#pull_from_url",
  ],
  internal_error: [500, "Internal error. Please try again later."],
  unsupported_path: [404, "Unsupported path(Janus)."],
} as const satisfies Record<string, readonly [number, string]>;

export type ApiErrorCode = keyof typeof apiErrors;

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly rule: string;
  readonly retryAfterMs: number | null;
  constructor(input: {
    status: number;
    code: string;
    message: string;
    rule: string;
    retryAfterMs?: number;
  }) {
    super(input.message);
    this.status = input.status;
    this.code = input.code;
    this.rule = input.rule;
    this.retryAfterMs = input.retryAfterMs ?? null;
  }
}

export function refuse(
  code: ApiErrorCode,
  rule: string,
  override: { message?: string; status?: number; retryAfterMs?: number } = {},
): Refusal {
  const [status, message] = apiErrors[code];
  return new Refusal({ status, message, code, rule, ...override });
}

export type OAuthErrorCode =
  | "access_denied"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_request"
  | "invalid_scope"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type";

/** The HTTP status of an OAuth error is a knob, so it is left to whoever answers. */
export function refuseOAuth(code: OAuthErrorCode, message: string, rule: string): Refusal {
  return new Refusal({ status: 0, code, message, rule });
}
