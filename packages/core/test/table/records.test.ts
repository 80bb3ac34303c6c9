import { createMemoryTable, createSeededRandom } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { load, save, type TableStore, update } from "../../src/table/index.ts";

const schema = z.object({ count: z.number() });
const key = { pk: "USER#1", sk: "COUNTER#1" };

let memory: ReturnType<typeof createMemoryTable>;
let deps: { table: TableStore; random: ReturnType<typeof createSeededRandom> };
beforeEach(() => {
  memory = createMemoryTable();
  deps = { table: memory, random: createSeededRandom(1) };
});

/** The write is applied and its answer lost; the SDK repeats it and fails on our own version. */
function losingAnswers(): TableStore {
  return {
    ...memory,
    put: async (row, expectedVersion) => {
      await memory.put(row, expectedVersion);
      return memory.put(row, expectedVersion);
    },
  };
}

describe("save", () => {
  it("adds one to the version and draws a new writeId each time", async () => {
    const first = await save(deps, schema, { key, version: 0 }, { count: 1 });
    const second = first && (await save(deps, schema, first, { count: 2 }));
    expect(second).toEqual({ key, version: 2, value: { count: 2 } });
    const writeIds = new Set<string>();
    for (const version of [2, 3, 4]) {
      await save(deps, schema, { key, version }, { count: version });
      writeIds.add(memory.rows()[0]?.writeId ?? "");
    }
    expect(writeIds.size).toBe(3);
  });

  it("answers null when somebody else wrote first", async () => {
    await save(deps, schema, { key, version: 0 }, { count: 1 });
    expect(await save(deps, schema, { key, version: 0 }, { count: 9 })).toBeNull();
    expect(memory.rows()[0]?.data).toEqual({ count: 1 });
  });

  it("recognises its own write after the answer was lost", async () => {
    const lossy = { ...deps, table: losingAnswers() };
    const saved = await save(lossy, schema, { key, version: 0 }, { count: 1 });
    expect(saved).toEqual({ key, version: 1, value: { count: 1 } });
  });

  it("stores what the schema knows, when it is due and when it may be tidied away", async () => {
    const value = { count: 1, extra: "dropped" };
    const placement = { due: { shard: "DUE#1", atMs: 5 }, expiresAtMs: 1_500 };
    await save(deps, schema, { key, version: 0 }, value, placement);
    expect(memory.rows()).toMatchObject([
      { data: { count: 1 }, dueShard: "DUE#1", dueAtMs: 5, expiresAt: 2 },
    ]);
    await save(deps, schema, { key, version: 1 }, value, { due: null });
    expect(memory.rows()[0]).not.toHaveProperty("dueAtMs");
    expect(memory.rows()[0]).not.toHaveProperty("expiresAt");
  });

  it("refuses what its schema does not allow, before anything is written", async () => {
    const wrong = { count: Number.NaN };
    await expect(save(deps, schema, { key, version: 0 }, wrong)).rejects.toThrow();
    expect(memory.rows()).toEqual([]);
  });
});

describe("load", () => {
  it("answers null for nothing, and refuses a record of another shape", async () => {
    expect(await load(deps, schema, key)).toBeNull();
    await memory.put({ ...key, version: 1, writeId: "w", data: { count: "1" } }, 0);
    await expect(load(deps, schema, key)).rejects.toThrow();
  });
});

describe("update", () => {
  const increment = (value: { count: number } | null) => ({ count: (value?.count ?? 0) + 1 });

  it("loses no change when many write at the same time", async () => {
    const writers = Array.from({ length: 30 }, () => update(deps, schema, key, increment));
    await Promise.all(writers);
    expect((await load(deps, schema, key))?.value.count).toBe(30);
  });

  it("counts once when the answer to its write was lost", async () => {
    await update({ ...deps, table: losingAnswers() }, schema, key, increment);
    expect((await load(deps, schema, key))?.value.count).toBe(1);
  });

  it("leaves the record alone when there is nothing to change", async () => {
    expect(await update(deps, schema, key, () => null)).toBeNull();
    await update(deps, schema, key, increment);
    const same = await update(deps, schema, key, () => null);
    expect(same).toEqual({ key, version: 1, value: { count: 1 } });
  });

  it("gives up on a record that never rests, without naming whose it is", async () => {
    const table = { ...memory, put: async () => false };
    await expect(update({ ...deps, table }, schema, key, increment)).rejects.toThrow(
      "a record keeps changing under its writer: COUNTER",
    );
  });
});
