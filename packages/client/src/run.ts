/**
 * The course of one upload: begin or find it, send what is missing, complete.
 *
 * Every request is repeated patiently and is safe to repeat: init carries an idempotency key, a part overwrites itself,
 * and completing twice is success.
 */
import type { InitRequest, PublicationView } from "@clipcast/functions/contract";
import { ApiError, UploadError } from "./errors.ts";
import { sendMissing, type UploadContext, type UploadPlan } from "./lanes.ts";
import { callPatiently } from "./retry.ts";

export type NewUpload = Omit<InitRequest, "file"> & {
  /** Length of the video, checked against the creator's limit. */
  durationMs?: number;
  /** Two uploads with one key are one upload; made up when absent. */
  idempotencyKey?: string;
};
/** What to upload for: a new publication, or one that was begun before. */
export type UploadGoal = NewUpload | { publicationId: string };

/** Completing finds parts missing only if storage lost some; twice is bad luck, more is a fault. */
const roundsMax = 3;

export async function runUpload(run: UploadContext, goal: UploadGoal): Promise<PublicationView> {
  const { api, signal } = run;
  let plan: UploadPlan;
  if ("publicationId" in goal) {
    const found = await findPlan(run, goal.publicationId);
    if ("publication" in found) return found.publication;
    plan = found.plan;
  } else {
    plan = await beginPlan(run, goal);
  }
  const { publicationId } = plan;
  for (let round = 1; ; round += 1) {
    try {
      run.onPhase("uploading");
      await sendMissing(run, plan);
      run.onPhase("completing");
      return await callPatiently(run, () => api.complete(publicationId, { signal }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const isOver = error.code === "upload_already_complete";
      const isIncomplete = error.code === "parts_missing" || error.code === "parts_wrong_size";
      if (!isOver && (!isIncomplete || round === roundsMax)) throw error;
      // Another tab may have completed it meanwhile; what storage has tells either way.
      const found = await findPlan(run, publicationId);
      if ("publication" in found) return found.publication;
      if (isOver) throw error;
      plan = found.plan;
    }
  }
}

async function beginPlan(run: UploadContext, goal: NewUpload): Promise<UploadPlan> {
  const { api, source, signal, runtime } = run;
  const { durationMs, idempotencyKey = runtime.randomId(), ...request } = goal;
  const { name, contentType, size } = source;
  const file = { name, contentType, bytes: size };
  const body = { ...request, file: durationMs === undefined ? file : { ...file, durationMs } };
  // The key makes it safe to ask again when an answer was lost.
  const { publication, upload } = await callPatiently(run, () =>
    api.uploadInit(body, { idempotencyKey, signal }),
  );
  run.onBegun(publication);
  return {
    publicationId: publication.id,
    partBytes: upload.partBytes,
    partCount: upload.partCount,
    stored: new Set(),
    signed: upload.parts,
  };
}

/** What storage has; or, when the upload was completed meanwhile, the publication. */
async function findPlan(
  run: UploadContext,
  publicationId: string,
): Promise<{ plan: UploadPlan } | { publication: PublicationView }> {
  const { api, source, signal } = run;
  try {
    const listed = await callPatiently(run, () => api.parts(publicationId, { signal }));
    const { partBytes, partCount } = listed;
    if (Math.ceil(source.size / partBytes) !== partCount) {
      throw new UploadError("file_mismatch", "This is not the file that the upload began with.");
    }
    const stored = new Set(listed.parts.map((part) => part.partNumber));
    return { plan: { publicationId, partBytes, partCount, stored, signed: [] } };
  } catch (error) {
    const isComplete = error instanceof ApiError && error.code === "upload_already_complete";
    if (!isComplete) throw error;
    return {
      publication:
        error.publication ??
        (await callPatiently(run, () => api.status(publicationId, { signal }))),
    };
  }
}
