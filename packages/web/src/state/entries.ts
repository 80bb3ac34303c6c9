/**
 * A publication as the page knows it: what the backend says, who in this browser uploads it and how far that is.
 */
import type { PublicationView, UploadState } from "@clipcast/client";
import type { Pace } from "../model/pace.ts";
import { type Remedy, remedyOf } from "../model/remedy.ts";
import { sentenceOfError } from "../model/sentence.ts";

/** An upload as a card shows it and as tabs tell each other; plain data. */
export type UploadLook = {
  status: UploadState["status"];
  /** Why nothing moves although nobody stopped it. */
  held: "offline" | "session_expired" | "retrying" | null;
  sentBytes: number;
  confirmedBytes: number;
  pace: Pace | null;
  failure: { sentence: string; remedy: Remedy } | null;
};

/** What this browser can go on with when nobody uploads. */
export type FileSource =
  /** Being looked up. */
  | "unknown"
  /** Remembered; the creator has to permit reading it. */
  | "ask"
  | "none"
  /** Remembered, and no longer what it was. */
  | "changed";

export type Entry = {
  view: PublicationView;
  /** Set while a tab of this browser uploads it, and after that failed. */
  upload: UploadLook | null;
  /** Which tab that is. */
  holder: "here" | "elsewhere" | null;
  source: FileSource;
  /** First and latest sight of the way to TikTok, for its speed. */
  relay: { first: Sight; last: Sight } | null;
  /** False for one that was only looked up by its address: the list has a gap before it. */
  isListed: boolean;
};

export type Sight = { atMs: number; bytes: number };

export type EntryChange = Partial<Pick<Entry, "upload" | "holder" | "source" | "isListed">>;

/** Nobody in this browser uploads it. */
export const nobody = { upload: null, holder: null } as const;

export function lookOf(state: UploadState, pace: Pace | null): UploadLook {
  const { status, hold, progress, error } = state;
  const held = hold === null || hold.reason === "paused" ? null : hold.reason;
  return {
    // To a creator only what was stopped by hand is paused.
    status: status === "paused" && held !== null ? "uploading" : status,
    held,
    sentBytes: progress.sentBytes,
    confirmedBytes: progress.confirmedBytes,
    pace: status === "uploading" && held === null ? pace : null,
    failure:
      status === "failed" ? { sentence: sentenceOfError(error), remedy: remedyOf(error) } : null,
  };
}

/** Whether a tab of this browser is at it, paused or not. */
export function isUploading({ upload }: Pick<Entry, "upload">): boolean {
  return upload !== null && !["done", "failed", "aborted"].includes(upload.status);
}

/** Whether closing this tab would interrupt something. */
export function isUploadingHere(entry: Entry): boolean {
  return entry.holder === "here" && isUploading(entry);
}

/** Newest first; a publication has one entry, whoever told of it last. */
export function withView(
  entries: readonly Entry[],
  view: PublicationView,
  change: EntryChange,
  nowMs: number,
): Entry[] {
  const before = entries.find((entry) => entry.view.id === view.id);
  const known = before ?? { ...nobody, source: "unknown", relay: null, isListed: false };
  const entry: Entry = { ...known, view, relay: relayOf(known.relay, view, nowMs), ...change };
  if (before !== undefined) return entries.map((other) => (other === before ? entry : other));
  return [...entries, entry].sort((a, b) => b.view.createdAtMs - a.view.createdAtMs);
}

export function withChange(
  entries: readonly Entry[],
  publicationId: string,
  change: EntryChange,
): Entry[] {
  return entries.map((entry) =>
    entry.view.id === publicationId ? { ...entry, ...change } : entry,
  );
}

function relayOf(
  before: Entry["relay"],
  { status, progress }: PublicationView,
  nowMs: number,
): Entry["relay"] {
  if (status !== "relaying") return null;
  const last = { atMs: nowMs, bytes: progress.relayedBytes };
  // A new attempt begins again at zero.
  const isNew = before === null || last.bytes < before.last.bytes;
  return { first: isNew ? last : before.first, last };
}
