/**
 * A publication as the page knows it: what the backend says, and what this tab is doing for it.
 */
import type { PublicationView, UploadState } from "@clipcast/client";

export type Entry = {
  view: PublicationView;
  /** Set while this tab is uploading it, and after that failed. */
  upload: UploadState | null;
};

/** Whether closing the tab would interrupt something. */
export function isUploading({ upload }: Entry): boolean {
  return upload !== null && !["done", "failed", "aborted"].includes(upload.status);
}

/** Newest first; a publication has one entry, whoever told of it last. */
export function withEntry(
  entries: readonly Entry[],
  view: PublicationView,
  change: Partial<Pick<Entry, "upload">>,
): Entry[] {
  const before = entries.find((entry) => entry.view.id === view.id);
  const entry: Entry = { view, upload: before?.upload ?? null, ...change };
  if (before !== undefined) return entries.map((other) => (other === before ? entry : other));
  return [...entries, entry].sort((a, b) => b.view.createdAtMs - a.view.createdAtMs);
}
