/**
 * What became of every publication, judged from outside: TikTok's posts, storage, queue and table against what was
 * uploaded, and against what the API told its creator.
 *
 * - lost: it never ended, it says what is not so, or it broke its word about a cancellation.
 * - doubled: a second post, a second task that got all bytes, or a second record for one video.
 * - orphans: an object, an open multipart upload, a lease, a dead letter or a due record that nobody needs any more.
 */

import type { Sight, StoredRecord } from "./look.ts";

/**
 * The API's word on a cancellation: done, promised to be tried, refused because TikTok has the video, refused because it
 * had failed already, or none.
 */
export type CancelAnswer = "cancelled" | "asked" | "too-late" | "has-failed" | "none";

/** What the creator of one video knows. */
export interface Submitted {
  /** The post's title, which no other has. */
  name: string;
  sha256: string;
  /** Why the upload was given up; null when it was completed. */
  refusal: string | null;
  /** Null when no cancellation was asked for. */
  cancel: CancelAnswer | null;
  /** Its account was disconnected at TikTok during the run. */
  isRemoved: boolean;
}

export interface Verdict {
  lost: string[];
  doubled: string[];
  orphans: string[];
}

const inDoubtCodes = new Set(["reconnect_required", "outcome_unknown"]);
const settled = new Set(["published", "in_inbox", "failed", "cancelled"]);

/** Whether nothing is left to be done, save what waits for the creator's word. */
export function isAtRest(record: StoredRecord): boolean {
  if (record.lease !== null) return false;
  if (keepsVideo(record)) return true;
  return settled.has(record.status) && record.dueAtMs === null && record.upload.isRemoved;
}

/** A failure that allows another attempt keeps its video for a day. */
export function keepsVideo({ status, failure, upload }: StoredRecord): boolean {
  return (
    status === "failed" &&
    failure?.isRetryable === true &&
    upload.etag !== null &&
    !upload.isRemoved
  );
}

export function judge(submitted: Submitted[], sight: Sight): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], orphans: [] };
  for (const one of submitted) judgeOne(one, sight, verdict);
  const known = new Set(submitted.map(({ sha256 }) => sha256));
  for (const post of sight.tikTok.posts) {
    if (!known.has(post.sha256)) verdict.lost.push(`post ${post.postId} is nobody's video`);
  }
  for (const record of sight.records) {
    if (!isAtRest(record))
      verdict.orphans.push(`${record.post.title} is still due: ${say(record)}`);
  }
  const byKey = new Map(sight.records.map((record) => [record.upload.key, record]));
  const leftovers = [
    ...sight.objectKeys.map((key) => ({ what: "object", key })),
    // Of two requests that opened one upload, one may have died; what it opened goes when the video goes.
    ...sight.openUploadKeys.map((key) => ({ what: "open upload", key })),
  ];
  for (const { what, key } of leftovers) {
    const record = byKey.get(key);
    if (record !== undefined && keepsVideo(record)) continue;
    const whose = record === undefined ? "nobody" : `${record.post.title}, ${say(record)}`;
    verdict.orphans.push(`${what} ${key} of ${whose}`);
  }
  if (sight.deadLetters > 0) verdict.orphans.push(`${sight.deadLetters} dead letters`);
  return verdict;
}

function judgeOne(one: Submitted, sight: Sight, verdict: Verdict): void {
  const { name, sha256 } = one;
  const records = sight.records.filter(({ post }) => post.title === name);
  const posts = sight.tikTok.posts.filter((post) => post.sha256 === sha256);
  // What TikTok itself has failed posts nothing, and the next attempt sends the same bytes again.
  const tasks = sight.tikTok.tasks.filter(
    (task) => task.sha256 === sha256 && task.status !== "FAILED",
  );
  if (records.length > 1) verdict.doubled.push(`${name} has ${records.length} records`);
  if (posts.length > 1) verdict.doubled.push(`${name} was posted ${posts.length} times`);
  if (tasks.length > 1) verdict.doubled.push(`${name} was sent whole ${tasks.length} times`);
  const [record] = records;
  const [post] = posts;
  const wrong = [
    wrongUpload(one, record),
    wrongEnd(one, record, post),
    wrongCancellation(one, record),
  ];
  verdict.lost.push(...wrong.filter((line) => line !== null));
}

/** A creator who has cancelled, or whose account is gone, may be refused; nobody else may. */
function wrongUpload(
  { name, refusal, isRemoved }: Submitted,
  record: StoredRecord | undefined,
): string | null {
  const mayBeRefused = isRemoved || record?.status === "cancelled";
  if (refusal !== null && !mayBeRefused) return `${name} could not be uploaded: ${refusal}`;
  if (record === undefined && refusal === null) return `${name} has no record`;
  return null;
}

/** Whether the record tells the truth about TikTok. */
function wrongEnd(
  { name, refusal, isRemoved }: Submitted,
  record: StoredRecord | undefined,
  post: { postId: string } | undefined,
): string | null {
  if (record === undefined) {
    return post !== undefined && refusal !== null ? `${name} was refused but posted` : null;
  }
  switch (record.status) {
    case "published": {
      const isNamed = post !== undefined && record.postIds.includes(post.postId);
      return isNamed ? null : `${name} is published but not posted: ${say(record)}`;
    }
    case "failed":
      // TikTok can no longer be asked about a removed account, and the failure says that it may have the video.
      if (isRemoved && inDoubtCodes.has(record.failure?.code ?? "") && !keepsVideo(record)) {
        return null;
      }
      return post === undefined ? null : `${name} failed but is posted: ${say(record)}`;
    case "cancelled":
      return post === undefined ? null : `${name} is cancelled but posted: ${say(record)}`;
    default:
      return `${name} did not end: ${say(record)}`;
  }
}

/** Whether the API kept its word. */
function wrongCancellation(
  { name, cancel, isRemoved }: Submitted,
  record: StoredRecord | undefined,
): string | null {
  if (record === undefined) return null;
  const isCancelled = record.status === "cancelled";
  if (cancel === "cancelled" && !isCancelled) {
    return `${name} was cancelled and went on: ${say(record)}`;
  }
  if (cancel === "too-late" && record.status !== "published" && !isRemoved) {
    return `${name} was too late to cancel and is not posted: ${say(record)}`;
  }
  if (isCancelled && (cancel === null || cancel === "has-failed")) {
    return `${name} was cancelled by nobody: ${say(record)}`;
  }
  return null;
}

function say({ status, failure, postIds }: StoredRecord): string {
  return `${status}${failure === null ? "" : ` (${failure.code})`}, ${postIds.length} links`;
}
