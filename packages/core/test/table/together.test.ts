/** Reads that are begun together, and reads that are begun before they are asked for. */
import { createMemoryTable } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { gather, type Key, type Row, readAhead } from "../../src/table/index.ts";

const row = (sk: string): Row => ({ pk: "USER#1", sk, version: 1, writeId: "w", data: sk });

describe("gather", () => {
  const asked: string[][] = [];
  const readRow = gather(async (keys) => {
    const names = keys.map(({ sk }) => sk);
    asked.push(names);
    if (names.includes("broken")) throw new Error("no answer");
    return names.map((name) => name.toUpperCase());
  });
  const read = (sk: string) => readRow({ pk: "USER#1", sk });

  it("reads together what is begun together, each key once", async () => {
    asked.length = 0;
    expect(await Promise.all([read("a"), read("b"), read("a")])).toEqual(["A", "B", "A"]);
    expect(asked).toEqual([["a", "b"]]);
  });

  it("waits for nobody", async () => {
    asked.length = 0;
    const first = read("a");
    await Promise.resolve();
    await Promise.resolve();
    expect(await Promise.all([first, read("b")])).toEqual(["A", "B"]);
    expect(asked).toEqual([["a"], ["b"]]);
  });

  it("fails who asked together, and nobody after", async () => {
    const both = await Promise.allSettled([read("broken"), read("a")]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await read("a")).toBe("A");
  });
});

describe("readAhead", () => {
  async function prepared(...sks: string[]) {
    const table = createMemoryTable();
    for (const sk of sks) await table.put(row(sk), 0);
    const gets: string[] = [];
    const counted = {
      ...table,
      get(key: Key) {
        gets.push(key.sk);
        return table.get(key);
      },
    };
    return { table: counted, gets };
  }

  it("has begun to read before anybody asks, and hands each row out once", async () => {
    const { table, gets } = await prepared("A");
    const ahead = readAhead(table, [row("A"), row("B")]);
    expect(gets).toEqual(["A", "B"]);
    expect((await ahead.get(row("A")))?.data).toBe("A");
    expect(await ahead.get(row("B"))).toBeNull();
    expect(gets).toHaveLength(2);
    await ahead.put({ ...row("A"), version: 2, data: "newer" }, 1);
    expect((await ahead.get(row("A")))?.data).toBe("newer");
    expect(gets).toEqual(["A", "B", "A"]);
  });

  it("reads other rows as ever", async () => {
    const { table, gets } = await prepared("A", "C");
    expect((await readAhead(table, [row("A")]).get(row("C")))?.data).toBe("C");
    expect(gets).toEqual(["A", "C"]);
  });

  it("fails only who asks for the row that could not be read", async () => {
    const failing = { ...createMemoryTable(), get: () => Promise.reject(new Error("no answer")) };
    const ahead = readAhead(failing, [row("A")]);
    await expect(ahead.get(row("A"))).rejects.toThrow("no answer");
    readAhead(failing, [row("A")]);
  });
});
