/**
 * What a card shows of a publication: the only place that decides it. Pure; components only draw what comes out.
 *
 *   the backend waits for bytes          who sends them             what is shown
 *   ──────────────────────────────       ────────────────────       ─────────────────────────────────────────────
 *   uploading                            this tab, another tab      uploading, paused, offline, retrying, signed_out,
 *                                                                   interrupted (it failed)
 *   uploading                            nobody                     checking, then interrupted: go on, or choose the file
 *   queued, relaying, processing         the backend                the same, or waiting until a moment, or cancelling
 *   published, in_inbox, failed, …       nobody any more            how it ended, and what can be done
 */
import type { PublicationView } from "@clipcast/client";
import { type Pace, paceBetween } from "../model/pace.ts";
import { publicLevel } from "../model/privacy.ts";
import { formatUntil } from "../model/until.ts";
import { strings } from "../strings.ts";
import type { Entry, UploadLook } from "./entries.ts";

export type CardStatus = keyof typeof strings.status;
export type CardTone = "busy" | "good" | "warn" | "bad" | "quiet";
export type CardAction = Exclude<keyof typeof strings.action, "cancel">;

export type CardStep = {
  name: "storage" | "tiktok" | "processing";
  state: "done" | "current" | "later";
  doneBytes: number;
  /** Null for a step that tells nothing of how far it is. */
  totalBytes: number | null;
  pace: Pace | null;
};

export type Card = {
  status: CardStatus;
  tone: CardTone;
  steps: readonly CardStep[];
  message: { tone: "plain" | "success" | "warning" | "error"; text: string } | null;
  link: { url: string; text: string } | null;
  action: CardAction | null;
  canCancel: boolean;
};

type Face = Pick<Card, "status" | "message"> & Partial<Pick<Card, "action" | "canCancel">>;

export function cardOf(entry: Entry, nowMs: number): Card {
  const { view } = entry;
  const face = faceOf(entry, nowMs);
  const canCancel = !view.isSettled && !view.isCancelRequested;
  return {
    tone: toneByStatus[face.status],
    steps: view.isSettled ? [] : stepsOf(entry),
    link: linkOf(view),
    action: view.canRetry ? "retry" : null,
    canCancel,
    ...face,
  };
}

const toneByStatus: Record<CardStatus, CardTone> = {
  uploading: "busy",
  checking: "quiet",
  paused: "quiet",
  offline: "warn",
  retrying: "warn",
  signed_out: "warn",
  interrupted: "warn",
  queued: "busy",
  waiting: "warn",
  relaying: "busy",
  processing: "busy",
  cancelling: "quiet",
  published: "good",
  in_inbox: "good",
  failed: "bad",
  cancelled: "quiet",
};

const { message: text } = strings;
const plain = (said: string) => ({ tone: "plain", text: said }) as const;
const warning = (said: string) => ({ tone: "warning", text: said }) as const;
const error = (said: string) => ({ tone: "error", text: said }) as const;
const success = (said: string) => ({ tone: "success", text: said }) as const;

function faceOf(entry: Entry, nowMs: number): Face {
  const { view, upload, holder } = entry;
  const { status, waiting } = view;
  if (view.isCancelRequested && !view.isSettled) {
    return { status: "cancelling", message: plain(text.cancelling) };
  }
  switch (status) {
    case "uploading":
      return upload === null || holder === null
        ? faceOfUnheld(entry)
        : faceOfUpload(upload, holder === "here");
    case "queued":
    case "relaying":
      if (waiting === null) return { status, message: success(text.mayClose) };
      return {
        status: "waiting",
        message: warning(text.waiting(waiting.reason, formatUntil(waiting.untilMs, nowMs))),
      };
    case "processing":
      return { status, message: plain(text.processing) };
    case "failed":
      return { status, message: error(view.failure?.message ?? strings.unknownError) };
    case "published":
      return { status, message: plain(publishedText(view)) };
    default:
      return { status, message: plain(text[status]) };
  }
}

function faceOfUpload(upload: UploadLook, isHere: boolean): Face {
  if (isSignedOut(upload)) {
    return { status: "signed_out", message: plain(text.signedOut), action: "sign_in" };
  }
  if (upload.failure !== null) {
    const { sentence, remedy } = upload.failure;
    const action = remedy === "choose" ? "choose" : remedy === "retry" ? "try_again" : null;
    // Another tab's failure is met there, where the file is.
    return { status: "interrupted", message: error(sentence), action: isHere ? action : null };
  }
  if (upload.status === "paused") {
    return { status: "paused", message: plain(text.paused), action: "resume" };
  }
  const action = upload.status === "completing" ? null : "pause";
  if (upload.held === "offline") {
    return { status: "offline", message: plain(text.offline), action };
  }
  if (upload.held === "retrying") {
    return { status: "retrying", message: plain(text.retrying), action };
  }
  const isCompleting = upload.status === "completing";
  const here = plain(isCompleting ? text.completing : text.keepOpen);
  return { status: "uploading", message: isHere ? here : plain(text.elsewhere), action };
}

function isSignedOut({ held, failure }: UploadLook): boolean {
  return held === "session_expired" || failure?.remedy === "sign_in";
}

function faceOfUnheld({ holder, source }: Entry): Face {
  if (holder === "elsewhere") return { status: "uploading", message: plain(text.elsewhere) };
  switch (source) {
    case "unknown":
      return { status: "checking", message: null };
    case "ask":
      return { status: "interrupted", message: plain(text.ask), action: "go_on" };
    case "none":
      return { status: "interrupted", message: plain(text.choose), action: "choose" };
    case "changed":
      return { status: "interrupted", message: warning(text.changed), action: "choose" };
  }
}

function stepsOf({ view, upload, relay }: Entry): CardStep[] {
  const { status, progress } = view;
  const { storedBytes, relayedBytes, totalBytes } = progress;
  const isStored = status !== "uploading";
  const isRelayed = status === "processing";
  // What was on its way when an upload stopped has to be sent again.
  const sentBytes =
    upload === null
      ? storedBytes
      : upload.failure === null
        ? upload.sentBytes
        : upload.confirmedBytes;
  const relayPace = relay === null ? null : paceBetween(relay.first, relay.last, totalBytes);
  return [
    {
      name: "storage",
      state: isStored ? "done" : "current",
      doneBytes: isStored ? totalBytes : sentBytes,
      totalBytes,
      pace: isStored || upload?.held != null ? null : (upload?.pace ?? null),
    },
    {
      name: "tiktok",
      state: isRelayed ? "done" : isStored ? "current" : "later",
      doneBytes: isRelayed ? totalBytes : relayedBytes,
      totalBytes,
      pace: status === "relaying" && view.waiting === null ? relayPace : null,
    },
    {
      name: "processing",
      state: isRelayed ? "current" : "later",
      doneBytes: 0,
      totalBytes: null,
      pace: null,
    },
  ];
}

function publishedText({ post, postUrl }: PublicationView): string {
  if (postUrl !== null) return text.published;
  return isPublic(post) ? text.publishedSoon : text.publishedQuietly;
}

function linkOf({ status, postUrl, profileUrl }: PublicationView): Card["link"] {
  if (status !== "published") return null;
  if (postUrl !== null) return { url: postUrl, text: strings.activity.view };
  return profileUrl === null ? null : { url: profileUrl, text: strings.activity.profile };
}

function isPublic(post: PublicationView["post"]): boolean {
  return post.mode === "direct" && post.privacyLevel === publicLevel;
}
