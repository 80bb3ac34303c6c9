import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTtlSweeper, sweepTtl } from "../../src/dynamo/ttl.ts";
import { type LocalTable, startLocalTable } from "./local-table.ts";

const nowMs = 1_700_000_000_999;
const nowSeconds = 1_700_000_000;

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});

afterEach(() => local.dispose());

async function put(id: string, expiresAt?: { N: string } | { S: string }): Promise<void> {
  const Item = { pk: { S: id }, sk: { S: "session" }, ...(expiresAt && { expiresAt }) };
  await local.client.send(new PutItemCommand({ TableName: "Table", Item }));
}

async function remaining(): Promise<string[]> {
  const found = await local.client.send(new ScanCommand({ TableName: "Table" }));
  return (found.Items ?? []).map((item) => item.pk?.S ?? "").sort();
}

function table() {
  return { client: local.client, tableName: "Table", ttlAttribute: "expiresAt" };
}

test("deletes what has expired by this second, and nothing else", async () => {
  await put("expired", { N: String(nowSeconds - 1) });
  await put("expires now", { N: String(nowSeconds) });
  await put("lives", { N: String(nowSeconds + 1) });
  await put("in milliseconds by mistake", { N: String(nowMs) });
  await put("older than five years", { N: "1" });
  await put("a string", { S: String(nowSeconds - 1) });
  await put("without expiry");
  expect(await sweepTtl({ ...table(), nowMs })).toEqual({ deletedCount: 2, nextKey: null });
  expect(await remaining()).toEqual([
    "a string",
    "in milliseconds by mistake",
    "lives",
    "older than five years",
    "without expiry",
  ]);
});

test("a sweep is bounded, and the next one goes on where it stopped", async () => {
  const rows = Array.from({ length: 7 }, (_, n) => `row${n}`);
  await Promise.all(rows.map((id) => put(id, { N: String(nowSeconds) })));
  const sweep = createTtlSweeper({ ...table(), bounds: { pageRowCount: 3, pageCountMax: 2 } });
  const first = await sweep(nowMs);
  expect(first).toMatchObject({ deletedCount: 6 });
  expect(first.nextKey).not.toBeNull();
  expect(await sweep(nowMs)).toEqual({ deletedCount: 1, nextKey: null });
  expect(await remaining()).toEqual([]);
});

test("sweeps do not overlap", async () => {
  await put("expired", { N: String(nowSeconds) });
  const sweep = createTtlSweeper(table());
  const [first, second] = await Promise.all([sweep(nowMs), sweep(nowMs)]);
  expect(first).toEqual({ deletedCount: 1, nextKey: null });
  expect(second).toBe(first);
  expect(await sweep(nowMs)).toEqual({ deletedCount: 0, nextKey: null });
});
