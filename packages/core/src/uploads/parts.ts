/** Signing parts and saying which of them storage has. */
import { assert, VisibleError } from "../errors/index.ts";
import { findOwn, type Publication } from "../publications/index.ts";
import type { StorageDeps, StoredPart } from "../storage/index.ts";
import type { Clock, Log } from "../system/index.ts";
import type { TableDeps } from "../table/index.ts";
import { partRange } from "./plan.ts";

/**
 * Life of a signed part URL. A URL dies with the session of the role that signed it, whatever it says itself, so it is
 * short, and clients ask again.
 */
export const partUrlSeconds = 900;

export type UploadDeps = TableDeps & StorageDeps & { clock: Clock; log: Log };

export interface SignedPart {
  partNumber: number;
  url: string;
  firstByte: number;
  bytes: number;
  expiresAtMs: number;
}

type PartsInput = { userId: string; publicationId: string };

/** Throws `not_uploading` once the upload is complete or settled, `invalid_request` for a part outside of the plan. */
export async function signParts(
  deps: UploadDeps,
  input: PartsInput & { partNumbers: number[] },
): Promise<SignedPart[]> {
  const { value } = await findOwn(deps, input);
  const uploadId = openUpload(value);
  for (const partNumber of input.partNumbers) {
    if (partNumber > value.upload.partCount) {
      throw new VisibleError(
        "input",
        "invalid_request",
        `Part ${partNumber} is not one of ${value.upload.partCount}.`,
      );
    }
  }
  const expiresAtMs = deps.clock.nowMs() + partUrlSeconds * 1000;
  return Promise.all(
    input.partNumbers.map(async (partNumber) => {
      const range = rangeOf(value, partNumber);
      const url = await deps.storage.signPart({
        key: value.upload.key,
        uploadId,
        partNumber,
        bytes: range.bytes,
        expiresInSeconds: partUrlSeconds,
      });
      return { partNumber, url, ...range, expiresAtMs };
    }),
  );
}

/** The parts that storage has in their right size: what a resumed upload need not send again. */
export async function storedParts(
  deps: UploadDeps,
  input: PartsInput,
): Promise<{ publication: Publication; parts: StoredPart[] }> {
  const { value } = await findOwn(deps, input);
  const uploadId = openUpload(value);
  const parts = await deps.storage.listParts({ key: value.upload.key, uploadId });
  return { publication: value, parts: wholeParts(value, parts ?? []) };
}

export function wholeParts(publication: Publication, parts: StoredPart[]): StoredPart[] {
  const { partCount } = publication.upload;
  return parts.filter(
    (part) =>
      part.partNumber <= partCount && part.bytes === rangeOf(publication, part.partNumber).bytes,
  );
}

function rangeOf(publication: Publication, partNumber: number) {
  return partRange({ ...publication.upload, bytes: publication.file.bytes }, partNumber);
}

/** The id of the open upload. Throws when the publication is past uploading. */
export function openUpload(publication: Publication): string {
  if (publication.status !== "uploading") {
    throw new VisibleError(
      "conflict",
      "not_uploading",
      `This publication no longer takes parts: it is ${publication.status.replace("_", " ")}.`,
    );
  }
  assert(publication.upload.uploadId, "begin answers only once the upload is open");
  return publication.upload.uploadId;
}
