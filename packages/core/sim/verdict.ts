/** What must hold when everything has come to rest: nothing is lost, nothing is doubled, nothing is left behind. */
import type { Account } from "../src/auth/accounts.ts";
import { isSettled, type Publication } from "../src/publications/index.ts";
import {
  accountIn,
  generationOf,
  isEndedWithoutPost,
  isPost,
  mayPost,
  publicationIn,
  type Sight,
} from "./oracle.ts";
import type { SimQueue } from "./queue.ts";
import type { SimStorage, SimTable } from "./stores.ts";
import type { SimTikTok } from "./tiktok.ts";

export interface Rest {
  table: SimTable;
  storage: SimStorage;
  tiktok: SimTikTok;
  queues: SimQueue[];
  sight: Sight;
}

export function checkRest(rest: Rest): void {
  for (const queue of rest.queues) {
    if (queue.size() > 0) rest.sight.report("rest: a message is left in a queue");
  }
  for (const row of rest.table.rows()) {
    if (row.sk.startsWith("PUBLICATION#")) checkEnd(rest, publicationIn(row));
    if (row.sk.startsWith("ACCOUNT#")) checkAccount(rest, accountIn(row));
  }
}

function checkAccount({ sight, tiktok }: Rest, account: Account): void {
  const pair = tiktok.grants.judge(account.openId, generationOf(sight, account));
  if (pair === "superseded") sight.report("tokens: the newest pair is not the stored one");
  if (pair === "newest" && account.reconnectReason !== null) {
    sight.report(`tokens: a living account is ${account.reconnectReason}`);
  }
}

function checkEnd({ sight, storage, tiktok }: Rest, publication: Publication): void {
  const { status, upload, file, dueAtMs } = publication;
  if (!isSettled(status)) {
    sight.report(`rest: a publication is ${status} for ever`);
    return;
  }
  if (!upload.isRemoved || storage.hasObject(upload.key)) {
    sight.report(`rest: the video of a ${status} publication is still in storage`);
  }
  if (storage.openUploads(upload.key) > 0) {
    sight.report(`rest: a ${status} publication has an open multipart upload`);
  }
  if (dueAtMs !== null) sight.report(`rest: a ${status} publication is still due`);

  const tasks = tiktok.tasks.filter((task) => task.bytes === file.bytes);
  const posts = tasks.filter(isPost);
  if (status === "published" || status === "in_inbox") {
    const [post] = posts;
    if (posts.length !== 1) sight.report(`rest: ${status} with ${posts.length} posts`);
    else if (post?.receivedBytes !== file.bytes || post.key !== upload.key) {
      sight.report("rest: the post is not the file");
    }
  }
  if (isEndedWithoutPost(publication) && tasks.some(mayPost)) {
    sight.report(`rest: ${status} (${publication.failure?.code ?? "cancelled"}), but it is posted`);
  }
}
