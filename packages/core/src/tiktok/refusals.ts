/**
 * TikTok's refusals, sorted once: what we do about a code, and the sentence that tells the creator what to do.
 * Codes are those of the Content Posting API's error tables and of `fail_reason`.
 */

/**
 * - `refresh`: the access token is dead; refresh once, then ask to reconnect.
 * - `reconnect`: only the creator can help, by authorizing again.
 * - `replan`: `invalid_params` may mean that the chunk rules changed; try the next chunk plan.
 * - `wait`: a daily cap; try again later.
 * - `permanent`: as it stands this will never succeed.
 */
export type Reaction = "refresh" | "reconnect" | "replan" | "wait" | "permanent";

const reactions = new Map<string, Reaction>([
  ["access_token_invalid", "refresh"],
  ["scope_not_authorized", "reconnect"],
  ["scope_permission_missed", "reconnect"],
  ["invalid_grant", "reconnect"],
  ["invalid_params", "replan"],
  ["invalid_param", "replan"],
  ["spam_risk_too_many_posts", "wait"],
  ["spam_risk_too_many_pending_share", "wait"],
  ["reached_active_user_cap", "wait"],
]);

/** Caps roll over 24 hours without a published reset time, so a parked publication asks again each hour. */
export const capRetryMs = 3_600_000;

export function reactionTo(code: string): Reaction {
  return reactions.get(code) ?? "permanent";
}

interface Explanation {
  message: string;
  /** Whether the creator may try the same video again. */
  isRetryable: boolean;
}

const explanations: Record<string, Explanation> = {
  access_token_invalid: again("TikTok no longer accepts this connection. Reconnect the account."),
  invalid_grant: again("TikTok no longer accepts this connection. Reconnect the account."),
  scope_not_authorized: again(
    "The account did not allow this app to post. Reconnect it and leave the permission switched on.",
  ),
  scope_permission_missed: again(
    "The account did not allow this app to post. Reconnect it and leave the permission switched on.",
  ),
  auth_removed: again("The account was disconnected from this app on TikTok. Reconnect it."),
  unaudited_client_can_only_post_to_private_accounts: again(
    "TikTok has not audited this app yet, so it can post to private accounts only. Set the TikTok account to private and try again.",
  ),
  privacy_level_option_mismatch: again(
    "This account cannot post with the chosen visibility. Choose one of the offered options.",
  ),
  spam_risk_too_many_posts: again(
    "This account has reached TikTok's daily limit for posts from apps. Try again tomorrow, or post in the TikTok app.",
  ),
  spam_risk_too_many_pending_share: again(
    "Five drafts from the last 24 hours still wait in the TikTok inbox. Post them in the app, then try again.",
  ),
  reached_active_user_cap: again(
    "This app has reached TikTok's daily limit of creators. Try again tomorrow, or send a draft.",
  ),
  spam_risk_user_banned_from_posting: final("TikTok does not let this account post at the moment."),
  spam_risk_text: final("TikTok judged the caption to be risky. Change it and post again."),
  spam_risk: final("TikTok judged this post to be risky and refused it."),
  file_format_check_failed: final("TikTok cannot read this video. Export it as MP4 with H.264."),
  duration_check_failed: final("The video is too long or too short for this account."),
  frame_rate_check_failed: final("The video's frame rate must be between 23 and 60 per second."),
  picture_size_check_failed: final("Each side of the picture must have 360 to 4096 pixels."),
  internal: again("TikTok had an internal problem with this video. Try again."),
  publish_cancelled: again("The post was cancelled on TikTok."),
  invalid_params: final("TikTok refused the post's settings."),
  invalid_param: final("TikTok refused the post's settings."),
};

/** A sentence for the creator. An unknown code is a permanent refusal that keeps TikTok's own word. */
export function explain(code: string): Explanation {
  return explanations[code] ?? final(`TikTok refused the video (${code}).`);
}

function again(message: string): Explanation {
  return { message, isRetryable: true };
}

function final(message: string): Explanation {
  return { message, isRetryable: false };
}
