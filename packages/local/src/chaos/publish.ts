/**
 * One creator who will not give up: begins an upload, comes back with what is left of it after each failure, and stops
 * when the backend has the whole video or has refused it for good.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ApiError, NetworkError, UploadError, type UploadHandle } from "@clipcast/client";
import { fileSource } from "@clipcast/client/node";
import { builtInVideo, growVideo, sha256Of } from "../demo/video.ts";
import type { Creator } from "./creators.ts";
import type { Job } from "./plan.ts";

export interface Published {
  job: Job;
  sha256: string;
  publicationId: string | null;
  /** Uploads that were begun again with what storage had. */
  resumes: number;
  /** Why the upload was given up; null when it was completed. */
  refusal: string | null;
}

/** Quick, since what is down comes back within seconds here. */
const retry = { attemptsMax: 12, baseMs: 200, capMs: 2_000 };
const resumesMax = 30;

export async function publish(creator: Creator, job: Job, folder: string): Promise<Published> {
  const path = join(folder, `${job.name}.mp4`);
  await growVideo({
    sourcePath: builtInVideo,
    targetPath: path,
    totalBytes: job.bytes,
    onBytes: () => undefined,
  });
  try {
    const sha256 = await sha256Of(path);
    return { job, sha256, ...(await uploadPersistently(creator, job, path)) };
  } finally {
    await rm(path, { force: true });
  }
}

async function uploadPersistently(creator: Creator, job: Job, path: string) {
  const source = await fileSource(path, { contentType: "video/mp4" });
  let publicationId: string | null = null;
  for (let resumes = 0; ; resumes += 1) {
    const goal = publicationId === null ? newUpload(creator, job) : { publicationId };
    const upload = creator.client.upload(source, { ...goal, retry });
    if (job.isInterrupted && resumes === 0) closeInTheMiddle(upload, job);
    try {
      const { id } = await upload.done;
      return { publicationId: id, resumes, refusal: null };
    } catch (error) {
      publicationId = upload.state.publicationId;
      if (!isWorthAnotherTry(error) || resumes === resumesMax) {
        return { publicationId, resumes, refusal: String(error) };
      }
    }
  }
}

function newUpload({ accountId }: Creator, job: Job) {
  return {
    accountId,
    post: {
      mode: "direct" as const,
      title: job.name,
      privacyLevel: "PUBLIC_TO_EVERYONE" as const,
      allowComment: true,
      allowDuet: false,
      allowStitch: false,
      disclosure: { yourBrand: false, brandedContent: false },
      isAiGenerated: false,
    },
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

function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof DOMException && error.name === "AbortError") return true;
  const isOurs =
    error instanceof ApiError || error instanceof NetworkError || error instanceof UploadError;
  return isOurs && error.isRetryable;
}
