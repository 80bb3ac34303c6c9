/**
 * Publications in the table: below their user, newest last by key; in the `due` index while anything is left to do;
 * by TikTok's publish_id for webhooks, and by their own id for operators.
 */
import * as z from "zod/mini";
import { assert, VisibleError } from "../errors/index.ts";
import { type Clock, digest } from "../system/index.ts";
import {
  type Key,
  load,
  parseRow,
  type Stored,
  save,
  type TableDeps,
  update,
} from "../table/index.ts";
import { type Publication, publicationSchema } from "./record.ts";

export type StoredPublication = Stored<Publication>;
/** A record as somebody holds it; without a version it is not known which write it is from. */
export type Known = Pick<StoredPublication, "key" | "value"> &
  Partial<Pick<StoredPublication, "version">>;
export type PublicationId = { userId: string; publicationId: string };
type StoreDeps = TableDeps & { clock: Clock };

/** One DynamoDB index partition takes 1,000 writes a second; eight leave room for leases and checkpoints. */
const dueShardCount = 8;
export const dueShards: string[] = Array.from({ length: dueShardCount }, (_, n) => `DUE#${n}`);

const publishIdSchema = z.object({ userId: z.string(), publicationId: z.string() });
const ownerSchema = z.object({ userId: z.string() });

export function publicationKey({ userId, publicationId }: PublicationId): Key {
  return { pk: `USER#${userId}`, sk: `PUBLICATION#${publicationId}` };
}

export function loadPublication(
  deps: TableDeps,
  id: PublicationId,
): Promise<StoredPublication | null> {
  return loadByKey(deps, publicationKey(id));
}

export function loadByKey(deps: TableDeps, key: Key): Promise<StoredPublication | null> {
  return load(deps, publicationSchema, key);
}

/** The caller's publication; another user's answers as if it did not exist. */
export async function findOwn(deps: TableDeps, id: PublicationId): Promise<StoredPublication> {
  const stored = await loadPublication(deps, id);
  if (stored === null) throw new VisibleError("not-found", "not_found", "No such publication.");
  return stored;
}

/** One page, newest first. The cursor is an id of the caller's own list and says nothing of other users. */
export async function listOwn(
  deps: TableDeps,
  input: { userId: string; limit: number; cursor: string | null },
): Promise<{ publications: Publication[]; nextCursor: string | null }> {
  const prefix = "PUBLICATION#";
  const page = await deps.table.query({
    pk: `USER#${input.userId}`,
    skPrefix: prefix,
    limit: input.limit,
    afterSk: input.cursor === null ? null : `${prefix}${input.cursor}`,
    descending: true,
  });
  return {
    publications: page.rows.map((row) => parseRow(publicationSchema, row).value),
    nextCursor: page.lastSk === null ? null : page.lastSk.slice(prefix.length),
  };
}

/** Stores a new publication. Null when one with this id is there already. */
export function saveNew(
  deps: StoreDeps,
  publication: Publication,
): Promise<StoredPublication | null> {
  const key = publicationKey({ userId: publication.userId, publicationId: publication.id });
  return savePublication(deps, { key, version: 0 }, publication);
}

/** Writes `next` over what was read. Null when somebody else wrote first. */
export function savePublication(
  deps: StoreDeps,
  previous: Pick<StoredPublication, "key" | "version">,
  next: Publication,
): Promise<StoredPublication | null> {
  checkRecord(next);
  const value = { ...next, updatedAtMs: deps.clock.nowMs() };
  return save(deps, publicationSchema, previous, value, place(value));
}

/** Reads, changes and writes until no race is lost. `change` is pure; null leaves the record as it is. */
export async function revise(
  deps: StoreDeps,
  key: Key,
  change: (publication: Publication) => Publication | null,
): Promise<StoredPublication | null> {
  return update(
    deps,
    publicationSchema,
    key,
    (current) => {
      const next = current && change(current);
      if (next === null) return null;
      checkRecord(next);
      return { ...next, updatedAtMs: deps.clock.nowMs() };
    },
    place,
  );
}

/**
 * `revise` for who has just read the record: the first try writes over what was read, and only a lost race reads again.
 * That nothing is to be changed is never concluded from a record that may be old.
 */
export async function reviseKnown(
  deps: StoreDeps,
  known: Known,
  change: (publication: Publication) => Publication | null,
): Promise<StoredPublication | null> {
  const { key, version, value } = known;
  const next = version === undefined ? null : change(value);
  if (version === undefined || next === null) return revise(deps, key, change);
  return (await savePublication(deps, { key, version }, next)) ?? revise(deps, key, change);
}

/** Keys of publications that are due, most overdue first within the shard. */
export function dueKeys(
  deps: Pick<StoreDeps, "table" | "clock">,
  input: { shard: string; limit: number },
): Promise<Key[]> {
  return deps.table.due({ ...input, untilMs: deps.clock.nowMs() });
}

/**
 * How long webhooks find their publication: checks go on for a week, a public link may come half a day after that, and
 * TikTok repeats a webhook for 72 hours (webhooks overview). What comes later would change nothing any more.
 */
const publishIdLifetimeMs = 30 * 24 * 3_600_000;

/** Lets a webhook find the publication. Written before any byte is sent. */
export async function rememberPublishId(
  deps: StoreDeps,
  publishId: string,
  id: PublicationId,
): Promise<void> {
  const expiresAtMs = deps.clock.nowMs() + publishIdLifetimeMs;
  await update(
    deps,
    publishIdSchema,
    publishIdKey(publishId),
    (known) => (known === null ? { userId: id.userId, publicationId: id.publicationId } : null),
    () => ({ expiresAtMs }),
  );
}

export async function findByPublishId(
  deps: TableDeps,
  publishId: string,
): Promise<StoredPublication | null> {
  const pointer = await load(deps, publishIdSchema, publishIdKey(publishId));
  return pointer && loadPublication(deps, pointer.value);
}

/** Lets an operator find the publication by its id alone. Written before the publication; repeating it is harmless. */
export async function rememberOwner(deps: TableDeps, id: PublicationId): Promise<void> {
  await save(
    deps,
    ownerSchema,
    { key: ownerKey(id.publicationId), version: 0 },
    { userId: id.userId },
  );
}

export async function findById(
  deps: TableDeps,
  publicationId: string,
): Promise<StoredPublication | null> {
  const owner = await load(deps, ownerSchema, ownerKey(publicationId));
  return owner && loadPublication(deps, { userId: owner.value.userId, publicationId });
}

function ownerKey(publicationId: string): Key {
  return { pk: `PUBLICATION#${publicationId}`, sk: "OWNER" };
}

function publishIdKey(publishId: string): Key {
  return { pk: `PUBLISH#${publishId}`, sk: "PUBLISH" };
}

function place(publication: Publication) {
  if (publication.dueAtMs === null) return {};
  const shard = dueShards[Number.parseInt(digest(publication.id).slice(0, 8), 16) % dueShardCount];
  assert(shard !== undefined, "every id has a shard");
  return { due: { shard, atMs: publication.dueAtMs } };
}

/** What must hold, and what must not, whoever writes. */
function checkRecord(publication: Publication): void {
  const { task, file, status, lease, upload } = publication;
  assert(task === null || task.confirmedBytes <= file.bytes, "no more is confirmed than there is");
  assert(lease === null || status === "relaying", "only a relaying publication is leased");
  assert(
    status === "uploading" || status === "failed" || status === "cancelled" || upload.etag,
    "a complete upload has an ETag",
  );
  assert(status !== "failed" || publication.failure !== null, "a failure has a reason");
}
