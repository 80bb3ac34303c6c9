/**
 * Begins a publication: every rule is checked first, then the record is stored, and only then storage is asked for a
 * multipart upload, so that whatever fails leaves either nothing or a record that the poller ends.
 */
import { type Account, findAccount, withToken } from "../auth/index.ts";
import { assert } from "../errors/index.ts";
import { checkFile, checkPost, checkPostAgainstCreator, type PostSettings } from "../post/index.ts";
import {
  findOwn,
  isSettled,
  loadPublication,
  type Publication,
  rememberOwner,
  reviseKnown,
  type StoredPublication,
  saveNew,
  uploadLifetimeMs,
} from "../publications/index.ts";
import { accountHash, digest } from "../system/index.ts";
import type { Stored } from "../table/index.ts";
import { type ClaimInput, claimId, findClaim } from "./claim.ts";
import { type CreatorDeps, creatorInfo, visible } from "./creator.ts";
import type { UploadDeps } from "./parts.ts";
import { planParts } from "./plan.ts";

export interface BeginInput {
  userId: string;
  openId: string;
  file: { name: string; bytes: number; contentType: string; durationMs?: number | undefined };
  post: PostSettings;
  /** The part size that would suit the client's link; the plan keeps within bounds. */
  partBytes?: number | undefined;
  consentTextVersion: string;
  /** The caller's Idempotency-Key: the same key and request answer the same publication. */
  idempotencyKey: string | null;
}

export type BeginDeps = UploadDeps & CreatorDeps & { settings: { maxFileBytes: number } };

export async function begin(deps: BeginDeps, input: BeginInput): Promise<StoredPublication> {
  const account = await findAccount(deps, input);
  checkFile(input.file, deps.settings);
  checkPost(input.post);
  const found = await findClaim(deps, claimOf(input));
  const known = found.publicationId;
  if (known !== null) {
    const stored = await loadPublication(deps, { userId: input.userId, publicationId: known });
    if (stored !== null) return withUpload(deps, stored);
  }
  const username = await checkCreator(deps, input, account);
  const publicationId = known ?? (await claimId(deps, claimOf(input), found));
  const publication = newPublication(deps, input, publicationId, username);
  await rememberOwner(deps, { userId: input.userId, publicationId });
  const stored = await saveNew(deps, publication);
  if (stored === null) {
    // A repeat with the same key was faster.
    return withUpload(deps, await findOwn(deps, { userId: input.userId, publicationId }));
  }
  const { status, file } = publication;
  deps.log.event("publication", {
    publicationId,
    account: accountHash(publication.openId),
    step: "begun",
    status,
    bytes: file.bytes,
  });
  return withUpload(deps, stored);
}

/** Gives the publication its multipart upload. Of two racing requests one upload wins; the loser's is left to expire. */
async function withUpload(deps: BeginDeps, stored: StoredPublication): Promise<StoredPublication> {
  const { upload, file, status } = stored.value;
  if (upload.uploadId !== null || status !== "uploading") return stored;
  const uploadId = await deps.storage.createUpload({
    key: upload.key,
    contentType: file.contentType,
  });
  const revised = await reviseKnown(deps, stored, (publication) =>
    publication.upload.uploadId !== null || publication.status !== "uploading"
      ? null
      : { ...publication, upload: { ...publication.upload, uploadId } },
  );
  assert(revised, "a publication is never deleted");
  // A cancellation meanwhile has cleaned up before this upload was there: clean up again.
  if (isSettled(revised.value.status)) await deps.storage.removeAll(upload.key);
  return revised;
}

/** Fresh creator info each time, as TikTok's guidelines demand. Answers the handle, for links. */
async function checkCreator(
  deps: BeginDeps,
  input: BeginInput,
  account: Stored<Account>,
): Promise<string | null> {
  if (input.post.mode === "inbox") {
    // Drafts need no creator info, but they do need an account that is still connected.
    await visible(() => withToken(deps, account, async () => undefined));
    return null;
  }
  const creator = await creatorInfo(deps, account);
  checkPostAgainstCreator(input.post, input.file, creator);
  return creator.username;
}

function claimOf(input: BeginInput): ClaimInput {
  const { userId, idempotencyKey, openId, file, post, consentTextVersion } = input;
  const requestHash = digest(JSON.stringify([openId, file, post, consentTextVersion]));
  return { userId, idempotencyKey, requestHash };
}

function newPublication(
  deps: BeginDeps,
  input: BeginInput,
  id: string,
  creatorUsername: string | null,
): Publication {
  const nowMs = deps.clock.nowMs();
  const { name, bytes, contentType, durationMs } = input.file;
  return {
    id,
    userId: input.userId,
    openId: input.openId,
    status: "uploading",
    file: { name, bytes, contentType, durationMs: durationMs ?? null },
    post: input.post,
    consent: { atMs: nowMs, textVersion: input.consentTextVersion },
    creatorUsername,
    upload: {
      // The key is ours alone: nothing of it comes from the caller but ids that we drew.
      key: `uploads/${input.userId}/${id}`,
      uploadId: null,
      ...planParts(bytes, input.partBytes),
      etag: null,
      isRemoved: false,
    },
    attempt: 1,
    pastFailures: [],
    task: null,
    deadTasks: [],
    lease: null,
    fence: 0,
    fruitlessRuns: 0,
    waiting: null,
    cancelRequestedAtMs: null,
    checks: 0,
    nudges: 0,
    dueAtMs: nowMs + uploadLifetimeMs,
    postIds: [],
    failure: null,
    history: [{ atMs: nowMs, status: "uploading" }],
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
