/**
 * Rows that are read before they are asked for: what a request is about can be read together with the session that it
 * comes with. Each is handed out once; whoever asks again, after a lost race say, reads the table.
 */
import { nameOf } from "./gather.ts";
import type { Key, TableStore } from "./index.ts";

export function readAhead(table: TableStore, keys: Key[]): TableStore {
  const rows = new Map(keys.map((key) => [nameOf(key), table.get(key)]));
  // Nobody may come for a row; its failure is then nobody's.
  for (const row of rows.values()) row.catch(() => undefined);
  return {
    ...table,
    get(key) {
      const name = nameOf(key);
      const row = rows.get(name);
      rows.delete(name);
      return row ?? table.get(key);
    },
  };
}
