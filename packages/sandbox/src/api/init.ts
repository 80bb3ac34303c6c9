// Starting a post: direct (fact sheet §4) and inbox draft (§5). Checks run in the order of §16.2; the
// answer carries the only copy of the upload token.

import { type Answer, answerOk, type Call, type Endpoint } from "../call.ts";
import { checkDirectPost, checkInboxShare } from "../caps.ts";
import { type App, isAudited, type Sandbox } from "../context.ts";
import { publishId, uploadToken } from "../ids.ts";
import { refuse } from "../refusal.ts";
import type { Creator, PostInfo } from "../state.ts";
import * as Tasks from "../tasks.ts";
import { type InitBody, parseInit } from "./init-body.ts";
import { judgeOwnership } from "./ownership.ts";
import { openSession, type Session } from "./session.ts";
import { privacyOptions } from "./user.ts";

export const directInit: Endpoint = {
  operation: "init",
  dialect: "api",
  method: "POST",
  contentType: "application/json",
  handle: (sandbox, call) => {
    const session = openSession(sandbox, call, {
      anyScope: ["video.publish"],
      window: "init",
      perMinute: sandbox.knobs.initPerMinute,
    });
    const body = parseInit(call.text, "direct", sandbox.knobs);
    checkDirectPost(sandbox, session.app, session.creator);
    const post = body.post === null ? null : checkAudience(sandbox, session, body.post);
    checkOwnership(sandbox, body);
    return start(sandbox, call, session, { ...body, post });
  },
};

export const inboxInit: Endpoint = {
  operation: "init",
  dialect: "api",
  method: "POST",
  contentType: "application/json",
  handle: (sandbox, call) => {
    const session = openSession(sandbox, call, {
      anyScope: ["video.upload"],
      window: "inboxInit",
      perMinute: sandbox.knobs.initPerMinute,
    });
    const body = parseInit(call.text, "inbox", sandbox.knobs);
    checkInboxShare(sandbox, session.creator);
    checkOwnership(sandbox, body);
    return start(sandbox, call, session, body);
  },
};

function checkAudience(
  sandbox: Sandbox,
  { app, creator }: { app: App; creator: Creator },
  post: PostInfo,
): PostInfo {
  const unaudited = "unaudited_client_can_only_post_to_private_accounts";
  if (!isAudited(sandbox, app) && !creator.isPrivate) {
    throw refuse(unaudited, "§12 an unaudited app posts to private accounts only, even SELF_ONLY");
  }
  if (!privacyOptions(creator).includes(post.privacyLevel)) {
    throw refuse("privacy_level_option_mismatch", "§4.1 not among the creator's options");
  }
  if (isAudited(sandbox, app) || post.privacyLevel === "SELF_ONLY") return post;
  if (sandbox.knobs.unauditedNonPrivate === "force") return { ...post, privacyLevel: "SELF_ONLY" };
  throw refuse(unaudited, "§12 an unaudited app posts SELF_ONLY only");
}

function checkOwnership(sandbox: Sandbox, { source }: InitBody): void {
  if (source.source !== "PULL_FROM_URL") return;
  const { verifiedDomains, verifiedPrefixes } = sandbox.knobs;
  const rule = judgeOwnership(source.videoUrl, {
    domains: verifiedDomains,
    prefixes: verifiedPrefixes,
  });
  if (rule !== null) throw refuse("url_ownership_unverified", rule);
}

function start(sandbox: Sandbox, call: Call, session: Session, body: InitBody): Answer {
  const { app, creator } = session;
  const kind = body.post === null ? "inbox" : "direct";
  const { source } = body;
  const isFile = source.source === "FILE_UPLOAD";
  const token = uploadToken();
  const task = Tasks.create(sandbox, {
    publishId: publishId(kind, source.source),
    kind,
    source: source.source,
    clientKey: app.clientKey,
    username: creator.username,
    // The server forces what the account does not allow (§4.1).
    post: body.post === null ? null : forceInteractions(creator, body.post),
    totalBytes: isFile ? source.videoBytes : 0,
    chunkBytes: isFile ? source.chunkBytes : 0,
    chunkCount: isFile ? source.chunkCount : 0,
    uploadToken: token,
  });
  call.trace.publishId = task.publishId;
  if (!isFile) return answerOk(call, { publish_id: task.publishId });
  const query = new URLSearchParams({ upload_id: task.uploadId, upload_token: token });
  const upload_url = `${sandbox.url}/upload/?${query}`;
  return answerOk(call, { publish_id: task.publishId, upload_url });
}

function forceInteractions(creator: Creator, post: PostInfo): PostInfo {
  return {
    ...post,
    isCommentOff: post.isCommentOff || creator.isCommentOff,
    isDuetOff: post.isDuetOff || creator.isDuetOff || creator.isPrivate,
    isStitchOff: post.isStitchOff || creator.isStitchOff || creator.isPrivate,
  };
}
