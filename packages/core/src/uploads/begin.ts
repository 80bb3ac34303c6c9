/**
 * Begins a publication: every rule is checked first, then the record is stored, and only then storage is asked for a
 * multipart upload, so that whatever fails leaves either nothing or a record that the poller ends.
 */
import * as z from "zod";
import { withToken } from "../auth/index.ts";
import { assert, VisibleError } from "../errors/index.ts";
import { checkFile, checkPost, checkPostAgainstCreator, type PostSettings } from "../post/index.ts";
import {
  findOwn,
  loadPublication,
  type Publication,
  revise,
  type StoredPublication,
  saveNew,
  uploadLifetimeMs,
} from "../publications/index.ts";
import { digest, timeOrderedId } from "../system/index.ts";
import { type Key, load, save } from "../table/index.ts";
import { type CreatorDeps, creatorInfo, visible } from "./creator.ts";
import type { UploadDeps } from "./parts.ts";
import { planParts } from "./plan.ts";

export interface BeginInput {
  userId: string;
  openId: string;
  file: { name: string; bytes: number; contentType: string; durationMs?: number | undefined };
  post: PostSettings;
  consentTextVersion: string;
  /** The caller's Idempotency-Key: the same key and request answer the same publication. */
  idempotencyKey: string | null;
}

export type BeginDeps = UploadDeps & CreatorDeps & { settings: { maxFileBytes: number } };

const claimSchema = z.object({ publicationId: z.string(), requestHash: z.string() });

export async function begin(deps: BeginDeps, input: BeginInput): Promise<StoredPublication> {
  checkFile(input.file, deps.settings);
  checkPost(input.post);
  const known = await claimed(deps, input);
  if (known !== null) {
    const stored = await loadPublication(deps, { userId: input.userId, publicationId: known });
    if (stored !== null) return withUpload(deps, stored);
  }
  const username = await checkCreator(deps, input);
  const publicationId = known ?? (await claim(deps, input));
  const publication = newPublication(deps, input, publicationId, username);
  deps.log.event("publication", {
    publicationId,
    step: "begun",
    status: publication.status,
    bytes: publication.file.bytes,
  });
  const stored =
    (await saveNew(deps, publication)) ??
    (await findOwn(deps, { userId: input.userId, publicationId }));
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
  const revised = await revise(deps, stored.key, (publication) =>
    publication.upload.uploadId !== null || publication.status !== "uploading"
      ? null
      : { ...publication, upload: { ...publication.upload, uploadId } },
  );
  assert(revised, "a publication is never deleted");
  return revised;
}

/** Fresh creator info each time, as TikTok's guidelines demand. Answers the handle, for links. */
async function checkCreator(deps: BeginDeps, input: BeginInput): Promise<string | null> {
  if (input.post.mode === "inbox") {
    // Drafts need no creator info, but they do need an account that is still connected.
    await visible(() => withToken(deps, input, async () => undefined));
    return null;
  }
  const creator = await creatorInfo(deps, { userId: input.userId, openId: input.openId });
  checkPostAgainstCreator(input.post, input.file, creator);
  return creator.username;
}

async function claimed(deps: BeginDeps, input: BeginInput): Promise<string | null> {
  if (input.idempotencyKey === null) return null;
  const stored = await load(deps, claimSchema, claimKey(input.userId, input.idempotencyKey));
  if (stored === null) return null;
  return sameRequest(stored.value, input);
}

async function claim(deps: BeginDeps, input: BeginInput): Promise<string> {
  const publicationId = timeOrderedId(deps);
  if (input.idempotencyKey === null) return publicationId;
  const key = claimKey(input.userId, input.idempotencyKey);
  const value = { publicationId, requestHash: hashOf(input) };
  const expiresAtMs = deps.clock.nowMs() + uploadLifetimeMs;
  const stored = await save(deps, claimSchema, { key, version: 0 }, value, { expiresAtMs });
  if (stored !== null) return publicationId;
  const other = await load(deps, claimSchema, key);
  assert(other, "a lost race leaves the winner's row");
  return sameRequest(other.value, input);
}

function sameRequest(value: z.infer<typeof claimSchema>, input: BeginInput): string {
  if (value.requestHash === hashOf(input)) return value.publicationId;
  throw new VisibleError(
    "conflict",
    "idempotency_conflict",
    "This Idempotency-Key was used for another request.",
  );
}

function hashOf({ openId, file, post, consentTextVersion }: BeginInput): string {
  return digest(JSON.stringify([openId, file, post, consentTextVersion]));
}

function claimKey(userId: string, idempotencyKey: string): Key {
  return { pk: `USER#${userId}`, sk: `IDEMPOTENCY#${digest(idempotencyKey)}` };
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
      ...planParts(bytes),
      etag: null,
      isRemoved: false,
    },
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
