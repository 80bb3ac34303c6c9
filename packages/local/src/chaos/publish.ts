/**
 * One creator who will not give up: begins an upload, comes back with what is left of it after each failure, and stops
 * when the backend has the whole video or has refused it for good. Some of them cancel on the way or later.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { UploadHandle } from "@clipcast/client";
import { fileSource } from "@clipcast/client/node";
import { publicPost } from "../demo/post.ts";
import { builtInVideo, growVideo, sha256Of } from "../demo/video.ts";
import type { CancelAnswer, Submitted } from "../trial/verdict.ts";
import { cancel } from "./cancel.ts";
import type { Creator } from "./creators.ts";
import { isWorthAnotherTry } from "./persistence.ts";
import type { Job } from "./plan.ts";

export interface Published extends Omit<Submitted, "isRemoved"> {
  accountId: string;
  /** Uploads that were begun again with what storage had. */
  resumes: number;
}

/** Quick, since what is down comes back within seconds here. */
const retry = { attemptsMax: 12, baseMs: 200, capMs: 2_000 };
const resumesMax = 30;

export interface Publishing {
  /** The video is with the backend, or refused. */
  uploaded: Promise<void>;
  /** The creator has no more to say. */
  done: Promise<Published>;
}

export function publish(creator: Creator, job: Job, folder: string): Publishing {
  const uploaded = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<string | null>();
  const done = (async () => {
    const cancelling = cancelLater(creator, job, {
      begun: begun.promise,
      uploaded: uploaded.promise,
    });
    const upload = await uploadVideo(creator, job, folder, begun.resolve);
    begun.resolve(null);
    uploaded.resolve();
    const { accountId } = creator;
    return { name: job.name, accountId, ...upload, cancel: await cancelling };
  })();
  done.catch(uploaded.reject);
  return { uploaded: uploaded.promise, done };
}

/** Null for a creator who never meant to, or who had nothing to cancel. */
async function cancelLater(
  creator: Creator,
  { cancellation }: Job,
  { begun, uploaded }: { begun: Promise<string | null>; uploaded: Promise<void> },
): Promise<CancelAnswer | null> {
  if (cancellation === null) return null;
  const publicationId = await begun;
  if (publicationId === null) return null;
  if (!cancellation.isEarly) await uploaded;
  await delay(cancellation.afterMs);
  return cancel(creator.client, publicationId);
}

async function uploadVideo(
  creator: Creator,
  job: Job,
  folder: string,
  onBegun: (publicationId: string) => void,
) {
  const path = join(folder, `${job.name}.mp4`);
  await growVideo({
    sourcePath: builtInVideo,
    targetPath: path,
    totalBytes: job.bytes,
    onBytes: () => undefined,
  });
  try {
    const sha256 = await sha256Of(path);
    return { sha256, ...(await uploadPersistently(creator, job, path, onBegun)) };
  } finally {
    await rm(path, { force: true });
  }
}

async function uploadPersistently(
  creator: Creator,
  job: Job,
  path: string,
  onBegun: (publicationId: string) => void,
) {
  const source = await fileSource(path, { contentType: "video/mp4" });
  let publicationId: string | null = null;
  for (let resumes = 0; ; resumes += 1) {
    const goal = publicationId === null ? newUpload(creator, job) : { publicationId };
    const upload = creator.client.upload(source, { ...goal, retry });
    upload.subscribe((state) => {
      if (state.publicationId !== null) onBegun(state.publicationId);
    });
    if (job.isInterrupted && resumes === 0) closeInTheMiddle(upload, job);
    try {
      await upload.done;
      return { resumes, refusal: null };
    } catch (error) {
      publicationId = upload.state.publicationId;
      if (!isWorthAnotherTry(error) || resumes === resumesMax) {
        return { resumes, refusal: String(error) };
      }
    }
  }
}

function newUpload({ accountId }: Creator, job: Job) {
  return {
    accountId,
    post: publicPost(job.name),
    consent: { agreed: true as const, textVersion: "chaos" },
    // A creator whose first answer was lost begins again: it must be the same upload.
    idempotencyKey: job.name,
  };
}

/** Half of the creators leave before the backend has answered at all. */
function closeInTheMiddle(upload: UploadHandle, job: Job): void {
  const isEarly = job.bytes % 2 === 0;
  const stop = upload.subscribe(({ progress, publicationId }) => {
    if (!isEarly && (publicationId === null || progress.sentBytes === 0)) return;
    stop();
    upload.abort();
  });
}
