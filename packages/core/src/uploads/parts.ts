/**
 * Signing parts and saying which of them storage has. A part is signed for the bytes with one CRC32 and no others.
 */
import { assert, VisibleError } from "../errors/index.ts";
import { findOwn, type Publication } from "../publications/index.ts";
import type { SignedPut, StorageDeps, StoredPart } from "../storage/index.ts";
import type { Clock, Log } from "../system/index.ts";
import type { TableDeps } from "../table/index.ts";
import { partRange } from "./plan.ts";

/**
 * Life of a signed part URL. A URL dies with the session of the role that signed it, whatever it says itself, so it is
 * short, and clients ask again.
 */
export const partUrlSeconds = 900;

export type UploadDeps = TableDeps & StorageDeps & { clock: Clock; log: Log };

export interface SignedPart extends SignedPut {
  partNumber: number;
  firstByte: number;
  bytes: number;
  expiresAtMs: number;
}

/** What a client wants to send as a part. */
export interface PartToSign {
  partNumber: number;
  /** Of the part's bytes, in base64. */
  crc32: string;
}

type PartsInput = { userId: string; publicationId: string };

/** Throws `not_uploading` once the upload is complete or settled, `invalid_request` for a part outside of the plan. */
export async function signParts(
  deps: UploadDeps,
  input: PartsInput & { parts: PartToSign[] },
): Promise<SignedPart[]> {
  const { value } = await findOwn(deps, input);
  const { partCount } = value.upload;
  for (const { partNumber } of input.parts) {
    if (partNumber > partCount) {
      const message = `Part ${partNumber} is not one of ${partCount}.`;
      throw new VisibleError("input", "invalid_request", message);
    }
  }
  return sign(deps, value, input.parts);
}

/**
 * Signs the first parts of an upload that has just begun, their checksums in order. None when the plan is not the one
 * that the checksums were computed for, or when a repeated request finds the upload over: its client then asks.
 */
export async function signFirstParts(
  deps: UploadDeps,
  publication: Publication,
  proposed: { partBytes: number; crc32s: string[] },
): Promise<SignedPart[]> {
  const { partBytes, partCount } = publication.upload;
  if (publication.status !== "uploading" || proposed.partBytes !== partBytes) return [];
  const parts = proposed.crc32s
    .slice(0, partCount)
    .map((crc32, partIndex) => ({ partNumber: partIndex + 1, crc32 }));
  return sign(deps, publication, parts);
}

function sign(
  deps: UploadDeps,
  publication: Publication,
  parts: PartToSign[],
): Promise<SignedPart[]> {
  const uploadId = openUpload(publication);
  const expiresAtMs = deps.clock.nowMs() + partUrlSeconds * 1000;
  return Promise.all(
    parts.map(async ({ partNumber, crc32 }) => {
      const range = rangeOf(publication, partNumber);
      const put = await deps.storage.signPart({
        key: publication.upload.key,
        uploadId,
        partNumber,
        bytes: range.bytes,
        crc32,
        expiresInSeconds: partUrlSeconds,
      });
      return { partNumber, ...put, ...range, expiresAtMs };
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

/** How much of an open upload storage has; null when storage no longer knows the upload. */
export async function storedBytes(
  deps: Pick<UploadDeps, "storage">,
  publication: Publication,
): Promise<number | null> {
  const uploadId = openUpload(publication);
  const parts = await deps.storage.listParts({ key: publication.upload.key, uploadId });
  if (parts === null) return null;
  return wholeParts(publication, parts).reduce((sum, part) => sum + part.bytes, 0);
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
