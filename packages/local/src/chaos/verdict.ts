/**
 * What became of every publication, judged from outside: TikTok's posts, storage and the table against what was uploaded.
 *
 * - lost: it never ended, or it says that it is posted and is not, or that it failed and is posted.
 * - doubled: a second post, a second task that got all bytes, or a second record for one video.
 * - orphans: an object, an open multipart upload or a due record that nobody needs any more.
 */

import type { Sight, StoredRecord } from "./look.ts";
import type { Published } from "./publish.ts";

export interface Verdict {
  lost: string[];
  doubled: string[];
  orphans: string[];
}

const settled = new Set(["published", "in_inbox", "failed", "cancelled"]);

/** Whether nothing is left to be done, save what waits for the creator's word. */
export function isAtRest(record: StoredRecord): boolean {
  if (keepsVideo(record)) return true;
  return settled.has(record.status) && record.dueAtMs === null && record.upload.isRemoved;
}

export function judge(published: Published[], sight: Sight): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], orphans: [] };
  for (const one of published) judgeOne(one, sight, verdict);
  const known = new Set(published.map(({ sha256 }) => sha256));
  for (const post of sight.tikTok.posts) {
    if (!known.has(post.sha256)) verdict.lost.push(`post ${post.postId} is nobody's video`);
  }
  for (const record of sight.records) {
    if (!isAtRest(record))
      verdict.orphans.push(`${record.post.title} is still due: ${say(record)}`);
  }
  const kept = new Set(sight.records.filter(keepsVideo).map(({ upload }) => upload.key));
  for (const key of sight.objectKeys) {
    if (!kept.has(key)) verdict.orphans.push(`object ${key}`);
  }
  for (const key of sight.openUploadKeys) verdict.orphans.push(`open upload ${key}`);
  return verdict;
}

function judgeOne({ job, sha256, refusal }: Published, sight: Sight, verdict: Verdict): void {
  const records = sight.records.filter(({ post }) => post.title === job.name);
  const posts = sight.tikTok.posts.filter((post) => post.sha256 === sha256);
  const tasks = sight.tikTok.tasks.filter((task) => task.sha256 === sha256);
  const [record] = records;
  if (refusal !== null) verdict.lost.push(`${job.name} could not be uploaded: ${refusal}`);
  if (records.length > 1) verdict.doubled.push(`${job.name} has ${records.length} records`);
  if (posts.length > 1) verdict.doubled.push(`${job.name} was posted ${posts.length} times`);
  if (tasks.length > 1) verdict.doubled.push(`${job.name} was sent whole ${tasks.length} times`);
  if (record === undefined) {
    verdict.lost.push(`${job.name} has no record`);
  } else if (record.status === "published") {
    const [post] = posts;
    const isNamed = post !== undefined && record.postIds.includes(post.postId);
    if (!isNamed) verdict.lost.push(`${job.name} is published but not posted: ${say(record)}`);
  } else if (record.status !== "failed") {
    verdict.lost.push(`${job.name} did not end: ${say(record)}`);
  } else if (posts.length > 0) {
    verdict.lost.push(`${job.name} failed but is posted: ${say(record)}`);
  }
}

/** A failure that allows another attempt keeps its video for a day. */
function keepsVideo({ status, failure, upload }: StoredRecord): boolean {
  return (
    status === "failed" &&
    failure?.isRetryable === true &&
    upload.etag !== null &&
    !upload.isRemoved
  );
}

function say({ status, failure, postIds }: StoredRecord): string {
  return `${status}${failure === null ? "" : ` (${failure.code})`}, ${postIds.length} links`;
}
