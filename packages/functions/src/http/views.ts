/** Records as the API shows them. Nothing of storage, leases, tasks or tokens gets out. */
import type { Account } from "@clipcast/core/auth";
import { isRetryable, isSettled, type Publication } from "@clipcast/core/publications";
import { type CreatorInfo, explain } from "@clipcast/core/tiktok";
import type { AccountView, CreatorInfoResponse, PublicationView } from "../contract.ts";

export function accountView(account: Account): AccountView {
  return {
    id: account.openId,
    displayName: account.displayName,
    state: account.reconnectReason === null ? "connected" : "reconnect",
    reconnectReason:
      account.reconnectReason === null ? null : explain(account.reconnectReason).message,
    canPublish: account.scopes.includes("video.publish"),
    canSendDrafts: account.scopes.includes("video.upload"),
  };
}

export function creatorView(info: CreatorInfo): CreatorInfoResponse {
  return { ...info };
}

const waitingWords: Record<string, string> = {
  rate_limited: "TikTok allows a few posts a minute; this one has its turn soon.",
  own_videos_first: "Other videos of yours go first.",
  // Said while we wait; what TikTok's refusals say elsewhere asks the creator to try again.
  spam_risk_too_many_posts:
    "This account has reached TikTok's daily limit for posts from apps. We post the video once TikTok allows it.",
  spam_risk_too_many_pending_share:
    "Five drafts still wait in the TikTok inbox. Post them in the app, and we send this one.",
  reached_active_user_cap:
    "This app has reached TikTok's daily limit of creators. We post the video once TikTok allows it.",
  storage_unreachable: "Storage cannot be reached; we try again.",
  tiktok_unreachable: "TikTok cannot be reached; we try again.",
  tiktok_unavailable: "TikTok has trouble answering; we try again.",
  chunk_failed: "TikTok did not take a piece of the video; we try again.",
  upload_url_expiring: "TikTok's upload link is running out; we go on with a new one.",
};

/** `storedBytes`: what storage has, where the record does not know it yet. */
export function publicationView(
  publication: Publication,
  options: { tiktokOrigin: string; storedBytes?: number },
): PublicationView {
  const { file, task, waiting, status } = publication;
  const isStored = publication.upload.etag !== null;
  const isDelivered = status === "processing" || status === "published" || status === "in_inbox";
  return {
    id: publication.id,
    accountId: publication.openId,
    status,
    isSettled: isSettled(status),
    file: { name: file.name, bytes: file.bytes, contentType: file.contentType },
    post: publication.post,
    createdAtMs: publication.createdAtMs,
    updatedAtMs: publication.updatedAtMs,
    progress: {
      storedBytes: isStored ? file.bytes : (options.storedBytes ?? 0),
      relayedBytes: isDelivered ? file.bytes : (task?.confirmedBytes ?? 0),
      totalBytes: file.bytes,
    },
    waiting: waiting && {
      reason: waitingWords[waiting.reason] ?? explain(waiting.reason).message,
      untilMs: waiting.untilMs,
    },
    failure: publication.failure,
    canRetry: isRetryable(publication),
    isCancelRequested: publication.cancelRequestedAtMs !== null,
    ...links(publication, options.tiktokOrigin),
    history: publication.history,
  };
}

function links(publication: Publication, tiktokOrigin: string) {
  const { creatorUsername, postIds, status } = publication;
  if (creatorUsername === null) return { postUrl: null, profileUrl: null };
  const profileUrl = `${tiktokOrigin}/@${creatorUsername}`;
  const postId = status === "published" ? postIds[0] : undefined;
  return { profileUrl, postUrl: postId === undefined ? null : `${profileUrl}/video/${postId}` };
}
