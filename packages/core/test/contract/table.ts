/** What every `TableStore` keeps to, whoever stores the rows. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Row, TableStore } from "../../src/table/index.ts";

export interface TableSubject {
  table: TableStore;
  close(): Promise<void>;
}

function row(changes: Partial<Row> = {}): Row {
  return { pk: "USER#1", sk: "ITEM#1", version: 1, writeId: "w1", data: { n: 1 }, ...changes };
}

type Query = Parameters<TableStore["query"]>[0];
const all: Query = {
  pk: "USER#1",
  skPrefix: "ITEM#",
  limit: 100,
  afterSk: null,
  descending: false,
};

export function describeTable(name: string, create: () => Promise<TableSubject>): void {
  let subject: TableSubject;
  let table: TableStore;
  beforeEach(async () => {
    subject = await create();
    table = subject.table;
  });
  afterEach(() => subject.close());

  describe(`${name}: one row`, () => {
    it("is null until it is written, and then reads as written", async () => {
      const written = row({ dueShard: "DUE#1", dueAtMs: 5, expiresAt: 1_900_000_000 });
      expect(await table.get(written)).toBeNull();
      expect(await table.put(written, 0)).toBe(true);
      expect(await table.get({ pk: written.pk, sk: written.sk })).toStrictEqual(written);
    });

    it("is read beside others, each under its own key", async () => {
      const rows = [1, 2, 3].map((n) => row({ sk: `ITEM#${n}`, data: { n } }));
      for (const one of rows) await table.put(one, 0);
      const missing = { pk: "USER#1", sk: "ITEM#4" };
      const keys = [...rows].reverse().map(({ pk, sk }) => ({ pk, sk }));
      const read = await Promise.all([...keys, missing].map((key) => table.get(key)));
      expect(read).toStrictEqual([...[...rows].reverse(), null]);
    });

    it("keeps nested data, and drops what is undefined", async () => {
      const data = {
        text: "Größe 🌊",
        empty: "",
        none: null,
        flag: false,
        zero: 0,
        large: Number.MAX_SAFE_INTEGER,
        fraction: 1.5,
        list: [1, "two", { three: [] }],
        map: {},
      };
      await table.put(
        row({ data: { ...data, absent: undefined, deep: { absent: undefined } } }),
        0,
      );
      expect((await table.get(row()))?.data).toStrictEqual({ ...data, deep: {} });
    });

    it("is created only where there is none, and replaced only at the version that was read", async () => {
      expect(await table.put(row({ version: 2 }), 1)).toBe(false);
      expect(await table.put(row(), 0)).toBe(true);
      expect(await table.put(row({ writeId: "late" }), 0)).toBe(false);
      expect(await table.put(row({ version: 2, writeId: "w2" }), 1)).toBe(true);
      expect(await table.put(row({ version: 2, writeId: "late" }), 1)).toBe(false);
      expect(await table.get(row())).toMatchObject({ version: 2, writeId: "w2" });
    });

    it("goes to exactly one of many writers that race", async () => {
      const racing = Array.from({ length: 8 }, (_, n) => table.put(row({ writeId: `w${n}` }), 0));
      expect((await Promise.all(racing)).filter((isOurs) => isOurs)).toHaveLength(1);
    });

    it("is removed only at the version that was read", async () => {
      expect(await table.remove(row(), 1)).toBe(false);
      await table.put(row(), 0);
      expect(await table.remove(row(), 2)).toBe(false);
      expect(await table.remove(row(), 1)).toBe(true);
      expect(await table.get(row())).toBeNull();
      expect(await table.remove(row(), 1)).toBe(false);
      expect(await table.put(row(), 0)).toBe(true);
    });

    it("does not change with the object that it was written from or read into", async () => {
      const data = { list: [1] };
      await table.put(row({ data }), 0);
      data.list.push(2);
      const read = await table.get(row());
      expect(read?.data).toEqual({ list: [1] });
      if (read !== null) read.data = "changed";
      expect((await table.get(row()))?.data).toEqual({ list: [1] });
    });
  });

  describe(`${name}: query`, () => {
    beforeEach(async () => {
      for (const sk of ["ITEM#2", "ITEM#10", "ITEM#1", "OTHER#1", "ITEM"]) {
        await table.put(row({ sk }), 0);
      }
      await table.put(row({ pk: "USER#2" }), 0);
    });
    const sortKeys = async (changes: Partial<Query>) =>
      (await table.query({ ...all, ...changes })).rows.map((each) => each.sk);

    it("answers one partition's rows of a prefix, by key in either direction", async () => {
      expect(await sortKeys({})).toEqual(["ITEM#1", "ITEM#10", "ITEM#2"]);
      expect(await sortKeys({ descending: true })).toEqual(["ITEM#2", "ITEM#10", "ITEM#1"]);
      expect(await sortKeys({ pk: "USER#3" })).toEqual([]);
      expect((await table.query(all)).lastSk).toBeNull();
    });

    it.each([false, true])(
      "walks its pages without gap or repetition (descending: %s)",
      async (d) => {
        const seen: string[] = [];
        let afterSk: string | null = null;
        let pages = 0;
        do {
          const page = await table.query({ ...all, limit: 2, afterSk, descending: d });
          expect(page.rows.length).toBeLessThanOrEqual(2);
          seen.push(...page.rows.map((each) => each.sk));
          afterSk = page.lastSk;
          pages += 1;
        } while (afterSk !== null && pages < 5);
        expect(seen).toEqual(await sortKeys({ descending: d }));
      },
    );

    it("goes on after a key that is no longer there", async () => {
      expect(await sortKeys({ afterSk: "ITEM#15" })).toEqual(["ITEM#2"]);
      expect(await sortKeys({ afterSk: "ITEM#15", descending: true })).toEqual([
        "ITEM#10",
        "ITEM#1",
      ]);
    });

    it("names its last key when a page is full, though nothing may follow", async () => {
      expect((await table.query({ ...all, limit: 3 })).lastSk).toBe("ITEM#2");
    });
  });

  describe(`${name}: due`, () => {
    const due = (untilMs: number, limit = 10) => table.due({ shard: "DUE#1", untilMs, limit });
    beforeEach(async () => {
      for (const [sk, dueAtMs] of [
        ["ITEM#late", 300],
        ["ITEM#first", 100],
        ["ITEM#second", 200],
      ] as const) {
        await table.put(row({ sk, dueShard: "DUE#1", dueAtMs }), 0);
      }
      await table.put(row({ sk: "ITEM#never" }), 0);
      await table.put(row({ sk: "ITEM#elsewhere", dueShard: "DUE#2", dueAtMs: 1 }), 0);
    });

    it("answers keys up to the time, its own instant included, most overdue first", async () => {
      expect(await due(200)).toStrictEqual([
        { pk: "USER#1", sk: "ITEM#first" },
        { pk: "USER#1", sk: "ITEM#second" },
      ]);
      expect(await due(99)).toEqual([]);
      expect(await due(1_000, 1)).toEqual([{ pk: "USER#1", sk: "ITEM#first" }]);
    });

    it("forgets a row that is written without a time, and one that is removed", async () => {
      await table.put(row({ sk: "ITEM#first", version: 2 }), 1);
      await table.remove({ pk: "USER#1", sk: "ITEM#second" }, 1);
      expect(await due(1_000)).toEqual([{ pk: "USER#1", sk: "ITEM#late" }]);
    });

    it("follows a row to its new time and shard", async () => {
      await table.put(row({ sk: "ITEM#first", version: 2, dueShard: "DUE#1", dueAtMs: 900 }), 1);
      await table.put(row({ sk: "ITEM#late", version: 2, dueShard: "DUE#2", dueAtMs: 2 }), 1);
      expect((await due(1_000)).map((key) => key.sk)).toEqual(["ITEM#second", "ITEM#first"]);
      expect(await table.due({ shard: "DUE#2", untilMs: 2, limit: 10 })).toHaveLength(2);
    });
  });
}
