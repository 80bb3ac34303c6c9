/** The table in memory: rows by key, each write conditional on its version, as DynamoDB does it. */
import { assert } from "../errors/index.ts";
import { nameOf, type Row, type TableStore } from "../table/index.ts";

export interface MemoryTable extends TableStore {
  rows(): Row[];
}

export function createMemoryTable(): MemoryTable {
  const rowByKey = new Map<string, Row>();
  // As DynamoDB keeps it: what is undefined is not there.
  const copy = (row: Row): Row => JSON.parse(JSON.stringify(row));

  return {
    rows: () => [...rowByKey.values()].map(copy),
    async get(key) {
      const row = rowByKey.get(nameOf(key));
      return row === undefined ? null : copy(row);
    },
    async put(row, expectedVersion) {
      assert(row.version === expectedVersion + 1, "a write adds one to the version");
      if ((rowByKey.get(nameOf(row))?.version ?? 0) !== expectedVersion) return false;
      rowByKey.set(nameOf(row), copy(row));
      return true;
    },
    async remove(key, expectedVersion) {
      if ((rowByKey.get(nameOf(key))?.version ?? 0) !== expectedVersion) return false;
      rowByKey.delete(nameOf(key));
      return true;
    },
    async query({ pk, skPrefix, limit, afterSk, descending }) {
      const rows = [...rowByKey.values()]
        .filter((row) => row.pk === pk && row.sk.startsWith(skPrefix))
        .sort((one, other) => (one.sk < other.sk === descending ? 1 : -1))
        .filter((row) => afterSk === null || (descending ? row.sk < afterSk : row.sk > afterSk));
      const page = rows.slice(0, limit);
      // Like DynamoDB, a page that is full names its last key even when nothing follows.
      return {
        rows: page.map(copy),
        lastSk: page.length === limit ? (page.at(-1)?.sk ?? null) : null,
      };
    },
    async due({ shard, untilMs, limit }) {
      return [...rowByKey.values()]
        .filter(
          (row) => row.dueShard === shard && (row.dueAtMs ?? Number.POSITIVE_INFINITY) <= untilMs,
        )
        .sort((one, other) => (one.dueAtMs ?? 0) - (other.dueAtMs ?? 0))
        .slice(0, limit)
        .map(({ pk, sk }) => ({ pk, sk }));
    },
  };
}
