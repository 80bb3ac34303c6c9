/**
 * Completes an upload: storage itself is asked for the parts, so nothing that a client claims is believed.
 *
 * Storage completes first and the record follows. A crash in between is repaired by the next call: the multipart upload
 * is gone, but the object is there with the right size.
 */
import { assert, VisibleError } from "../errors/index.ts";
import {
  findOwn,
  isSettled,
  type Publication,
  reviseKnown,
  type StoredPublication,
  transition,
} from "../publications/index.ts";
import { accountHash } from "../system/index.ts";
import { openUpload, type UploadDeps, wholeParts } from "./parts.ts";

/** A relay message carries ids only; the record is the truth. */
export type SendRelay = (publication: Publication) => Promise<void>;

export type CompleteResult =
  | { type: "completed"; publication: Publication }
  | { type: "already-complete"; publication: Publication };

export async function complete(
  deps: UploadDeps & { sendRelay: SendRelay },
  input: { userId: string; publicationId: string },
): Promise<CompleteResult> {
  const stored = await findOwn(deps, input);
  if (stored.value.upload.etag !== null) {
    return { type: "already-complete", publication: stored.value };
  }
  const uploadId = openUpload(stored.value);
  const etag = await completeInStorage(deps, stored.value, uploadId);
  return recordCompletion(deps, stored, etag);
}

async function completeInStorage(
  deps: UploadDeps,
  publication: Publication,
  uploadId: string,
): Promise<string> {
  const { key } = publication.upload;
  const parts = await deps.storage.listParts({ key, uploadId });
  if (parts !== null) {
    checkParts(publication, parts.length, wholeParts(publication, parts).length);
    const etag = await deps.storage.completeUpload({ key, uploadId, parts });
    if (etag !== null) return etag;
  }
  const object = await deps.storage.head(key);
  if (object?.bytes === publication.file.bytes) return object.etag;
  throw new VisibleError("conflict", "parts_missing", "Storage no longer has this upload.");
}

function checkParts(publication: Publication, presentCount: number, wholeCount: number): void {
  const { partCount } = publication.upload;
  if (wholeCount < presentCount) {
    throw new VisibleError(
      "conflict",
      "parts_wrong_size",
      `${presentCount - wholeCount} parts do not have the size of the plan.`,
    );
  }
  if (presentCount < partCount) {
    throw new VisibleError(
      "conflict",
      "parts_missing",
      `${partCount - presentCount} of ${partCount} parts are missing.`,
    );
  }
}

async function recordCompletion(
  deps: UploadDeps & { sendRelay: SendRelay },
  stored: StoredPublication,
  etag: string,
): Promise<CompleteResult> {
  let isOurs = false;
  const revised = await reviseKnown(deps, stored, (publication) => {
    const step = transition(publication, { type: "upload-completed", etag }, deps.clock.nowMs());
    isOurs = step !== null;
    return step?.next ?? null;
  });
  assert(revised, "a publication is never deleted");
  const publication = revised.value;
  if (!isOurs) {
    // A cancellation won the race and has cleaned up before the object was joined: clean up again.
    if (isSettled(publication.status)) await deps.storage.removeAll(publication.upload.key);
    return { type: "already-complete", publication };
  }
  logCompletion(deps, publication);
  await deps.sendRelay(publication);
  return { type: "completed", publication };
}

function logCompletion(deps: UploadDeps, publication: Publication): void {
  deps.log.event("publication", {
    publicationId: publication.id,
    account: accountHash(publication.openId),
    step: "upload-completed",
    status: publication.status,
    bytes: publication.file.bytes,
    ageMs: deps.clock.nowMs() - publication.createdAtMs,
  });
}
