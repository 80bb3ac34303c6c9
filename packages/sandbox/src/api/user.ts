// The two calls about the creator: user info (fact sheet §2) and creator info (§3).

import { answerJson, answerOk, type Endpoint } from "../call.ts";
import { checkDirectPost, creatorInfoCap } from "../caps.ts";
import type { Sandbox } from "../context.ts";
import { openId, unionId } from "../ids.ts";
import { Refusal, refuse } from "../refusal.ts";
import { type Creator, type PrivacyLevel, type Scope, scopes } from "../state.ts";
import { openSession, type Session } from "./session.ts";

const avatarLifetimeMs = 2 * 3_600_000;

const userFields: Record<
  string,
  { scope: Scope; read: (sandbox: Sandbox, s: Session) => unknown }
> = {
  open_id: {
    scope: "user.info.basic",
    read: (_, s) => openId(s.app.clientKey, s.creator.username),
  },
  union_id: { scope: "user.info.basic", read: (_, s) => unionId(s.creator.username) },
  avatar_url: { scope: "user.info.basic", read: (sandbox, s) => avatarUrl(sandbox, s.creator) },
  avatar_url_100: { scope: "user.info.basic", read: (sandbox, s) => avatarUrl(sandbox, s.creator) },
  avatar_large_url: {
    scope: "user.info.basic",
    read: (sandbox, s) => avatarUrl(sandbox, s.creator),
  },
  display_name: { scope: "user.info.basic", read: (_, s) => s.creator.nickname },
  bio_description: { scope: "user.info.profile", read: (_, s) => s.creator.bio },
  profile_deep_link: {
    scope: "user.info.profile",
    read: (sandbox, s) => `${sandbox.url}/@${s.creator.username}`,
  },
  is_verified: { scope: "user.info.profile", read: (_, s) => s.creator.isVerified },
  username: { scope: "user.info.profile", read: (_, s) => s.creator.username },
  follower_count: { scope: "user.info.stats", read: (_, s) => s.creator.followerCount },
  following_count: { scope: "user.info.stats", read: () => 0 },
  likes_count: { scope: "user.info.stats", read: () => 0 },
  video_count: {
    scope: "user.info.stats",
    read: (sandbox, s) =>
      sandbox.store.posts.all().filter((post) => post.username === s.creator.username).length,
  },
};

export const userInfo: Endpoint = {
  operation: "userInfo",
  dialect: "api",
  method: "GET",
  contentType: null,
  handle: (sandbox, call) => {
    const session = openSession(sandbox, call, {
      anyScope: [...scopes],
      window: "userInfo",
      perMinute: sandbox.knobs.userInfoPerMinute,
    });
    if (
      sandbox.knobs.encodedFieldCommas === "refuse" &&
      /[?&]fields=[^&]*%2C/i.test(call.url.search)
    ) {
      throw refuse("invalid_params", "§2 commas between fields are sent literally");
    }
    const names = (call.url.searchParams.get("fields") ?? "")
      .split(",")
      .filter((name) => name !== "");
    if (names.length === 0) throw refuse("invalid_params", "§2 fields is required");
    const user: Record<string, unknown> = {};
    for (const name of names) {
      const field = userFields[name];
      if (field === undefined)
        throw refuse("invalid_params", `§2 unknown field ${name.slice(0, 40)}`);
      if (!session.token.scopes.includes(field.scope)) {
        throw refuse(sandbox.knobs.ungrantedFieldCode, `§2 ${name} needs ${field.scope}`);
      }
      user[name] = field.read(sandbox, session);
    }
    return answerOk(call, { user });
  },
};

export const creatorInfo: Endpoint = {
  operation: "creatorInfo",
  dialect: "api",
  method: "POST",
  contentType: "application/json",
  handle: (sandbox, call) => {
    const { app, creator } = openSession(sandbox, call, {
      anyScope: ["video.publish"],
      window: "creatorInfo",
      perMinute: sandbox.knobs.creatorInfoPerMinute,
    });
    const data = {
      creator_avatar_url: avatarUrl(sandbox, creator),
      creator_username: creator.username,
      creator_nickname: creator.nickname,
      privacy_level_options: privacyOptions(creator),
      comment_disabled: creator.isCommentOff,
      duet_disabled: creator.isDuetOff || creator.isPrivate,
      stitch_disabled: creator.isStitchOff || creator.isPrivate,
      max_video_post_duration_sec: creator.maxDurationSec,
    };
    try {
      checkDirectPost(sandbox, app, creator);
    } catch (error) {
      if (!(error instanceof Refusal) || creatorInfoCap(error.code) === null) throw error;
      // These three are answered with HTTP 200 on purpose (§3).
      const { capErrorData } = sandbox.knobs;
      const body = { error: { code: error.code, message: error.message, log_id: call.logId } };
      call.trace.refusal = error;
      if (capErrorData === "absent") return answerJson(200, body);
      return answerJson(200, { data: capErrorData === "filled" ? data : {}, ...body });
    }
    return answerOk(call, data);
  },
};

/** Options mirror the account, never the app's audit (§3). */
export function privacyOptions(creator: Creator): PrivacyLevel[] {
  return creator.isPrivate
    ? ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    : ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"];
}

/** Like TikTok's, the URL carries its expiry and so differs between calls (§16.6). */
function avatarUrl(sandbox: Sandbox, creator: Creator): string {
  const expires = Math.floor((sandbox.clock.nowMs() + avatarLifetimeMs) / 1000);
  return `${sandbox.url}/avatar/${creator.username}.svg?x-expires=${expires}`;
}
