/**
 * The table: versioned records in one DynamoDB table, written one item at a time.
 *
 * Every write is a conditional put that names the version it read, so a lost race is an ordinary outcome and never a
 * lost update. Neither transactions nor TTL are needed: expiry is checked in code, and TTL only tidies.
 */
import * as z from "zod/mini";
import { assert } from "../errors/index.ts";
import type { Random } from "../system/index.ts";

export { readAhead } from "./ahead.ts";
export { createDynamoTable } from "./dynamo.ts";
export { gather, nameOf } from "./gather.ts";

export interface Key {
  pk: string;
  sk: string;
}

export interface Row extends Key {
  /** 1 for a new row, one more with every write. */
  version: number;
  /** Drawn anew for each write, so that a writer recognises its own write after a lost answer. */
  writeId: string;
  data: unknown;
  /** The sparse `due` index; both present or both absent. */
  dueShard?: string;
  dueAtMs?: number;
  /** Epoch seconds, for DynamoDB's TTL. */
  expiresAt?: number;
}

export interface TableStore {
  /** A strongly consistent read. */
  get(key: Key): Promise<Row | null>;
  /** Writes the row if the stored version equals `expectedVersion` (0: no row). False when it does not. */
  put(row: Row, expectedVersion: number): Promise<boolean>;
  /** Deletes the row if the stored version equals `expectedVersion`. False when it does not. */
  remove(key: Key, expectedVersion: number): Promise<boolean>;
  /** Rows of one partition whose sort key begins with `skPrefix`, strongly consistent, one page. */
  query(options: {
    pk: string;
    skPrefix: string;
    limit: number;
    afterSk: string | null;
    descending: boolean;
  }): Promise<{ rows: Row[]; lastSk: string | null }>;
  /** Keys due up to `untilMs` in one shard, the most overdue first; eventually consistent. */
  due(options: { shard: string; untilMs: number; limit: number }): Promise<Key[]>;
}

export interface TableDeps {
  table: TableStore;
  random: Random;
}

/** A record as it was read. Version 0 means that nothing is stored yet. */
export interface Stored<T> {
  key: Key;
  version: number;
  value: T;
}

/** What a row carries beside its value. */
export interface Placement {
  due?: { shard: string; atMs: number } | null;
  expiresAtMs?: number;
}

/**
 * A lost race is somebody else's finished write, so among n writers nobody loses more than n - 1. Most writers meet on an
 * account's rate window: the poller, checks and that account's relays. More losses than this are a bug.
 */
const updateTriesMax = 64;

export async function load<T>(
  deps: Pick<TableDeps, "table">,
  schema: z.core.$ZodType<T>,
  key: Key,
): Promise<Stored<T> | null> {
  const row = await deps.table.get(key);
  return row === null ? null : parseRow(schema, row);
}

export function parseRow<T>(schema: z.core.$ZodType<T>, row: Row): Stored<T> {
  return {
    key: { pk: row.pk, sk: row.sk },
    version: row.version,
    value: z.parse(schema, row.data),
  };
}

/**
 * Writes `value` over the record as it was read. Answers the record as stored, or null when somebody else wrote first.
 *
 * Timeline that the writeId is for: our put is applied, its answer is lost, the SDK repeats it, and the repeat fails
 * on our own version. Reading the row again and finding our writeId tells a success from a lost race.
 */
export async function save<T>(
  deps: TableDeps,
  schema: z.core.$ZodType<T>,
  previous: Pick<Stored<T>, "key" | "version">,
  value: T,
  placement: Placement = {},
): Promise<Stored<T> | null> {
  const version = previous.version + 1;
  const writeId = Buffer.from(deps.random.bytes(12)).toString("base64url");
  const row: Row = { ...previous.key, version, writeId, data: z.parse(schema, value) };
  if (placement.due) {
    row.dueShard = placement.due.shard;
    row.dueAtMs = placement.due.atMs;
  }
  if (placement.expiresAtMs !== undefined) {
    row.expiresAt = Math.ceil(placement.expiresAtMs / 1000);
  }
  if (!(await deps.table.put(row, previous.version))) {
    const current = await deps.table.get(previous.key);
    if (current?.writeId !== writeId) return null;
  }
  return { key: previous.key, version, value };
}

/**
 * Reads, changes and writes until no race is lost. `change` must be pure: it may run several times. It answers null
 * to leave the record as it is. Answers the record as it stands, or null when there is none.
 */
export async function update<T>(
  deps: TableDeps,
  schema: z.core.$ZodType<T>,
  key: Key,
  change: (value: T | null) => T | null,
  place: (value: T) => Placement = () => ({}),
): Promise<Stored<T> | null> {
  for (let tries = 0; tries < updateTriesMax; tries += 1) {
    const current = await load(deps, schema, key);
    const next = change(current?.value ?? null);
    if (next === null) return current;
    const written = await save(deps, schema, current ?? { key, version: 0 }, next, place(next));
    if (written) return written;
  }
  assert(false, `a record keeps changing under its writer: ${key.sk.split("#")[0]}`);
}
