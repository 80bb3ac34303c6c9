import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import { createSeededRandom } from "@clipcast/core/testing";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createDynamoTable, save } from "../../src/table/index.ts";

const dynamo = mockClient(DynamoDBDocumentClient);
const table = createDynamoTable({
  client: new DynamoDBClient({ region: "us-east-1" }),
  tableName: "Table",
});
const key = { pk: "USER#1", sk: "ITEM#1" };
const row = { ...key, version: 1, writeId: "w1", data: { count: 1 } };
const lost = new ConditionalCheckFailedException({ message: "no", $metadata: {} });

beforeEach(() => {
  dynamo.reset();
});

function throttled(): Error {
  return Object.assign(new Error("slow down"), { name: "ThrottlingException" });
}

describe("createDynamoTable", () => {
  it("recognises a write that was applied, lost its answer and was repeated by the SDK", async () => {
    let stored: Record<string, unknown> | undefined;
    dynamo.on(PutCommand).callsFake((input) => {
      stored = input.Item;
      throw lost;
    });
    dynamo.on(GetCommand).callsFake(() => ({ Item: stored }));
    const deps = { table, random: createSeededRandom(1) };
    const schema = z.object({ count: z.number() });
    const saved = await save(deps, schema, { key, version: 0 }, { count: 1 });
    expect(saved).toEqual({ key, version: 1, value: { count: 1 } });

    dynamo.on(GetCommand).resolves({ Item: { ...row, writeId: "somebody else's" } });
    expect(await save(deps, schema, { key, version: 0 }, { count: 1 })).toBeNull();
  });

  it("passes throttling on: it is no lost race", async () => {
    const error = throttled();
    dynamo.onAnyCommand().rejects(error);
    await expect(table.put(row, 0)).rejects.toBe(error);
    await expect(table.remove(key, 1)).rejects.toBe(error);
    await expect(table.get(key)).rejects.toBe(error);
    await expect(table.due({ shard: "DUE#1", untilMs: 1, limit: 1 })).rejects.toBe(error);
  });

  it("reads consistently, and writes under the condition that fits", async () => {
    dynamo.onAnyCommand().resolves({});
    expect(await table.get(key)).toBeNull();
    await table.query({ pk: "p", skPrefix: "s", limit: 1, afterSk: null, descending: false });
    await table.put(row, 0);
    await table.put({ ...row, version: 8 }, 7);
    const inputs = dynamo.calls().map((call) => call.args[0].input);
    expect(inputs).toMatchObject([
      { ConsistentRead: true },
      { ConsistentRead: true },
      { ConditionExpression: "attribute_not_exists(pk)" },
      {
        ConditionExpression: "#version = :expected",
        ExpressionAttributeValues: { ":expected": 7 },
      },
    ]);
  });

  it("refuses rows that are not ours", async () => {
    dynamo.on(GetCommand).resolves({ Item: { ...key, version: 0 } });
    await expect(table.get(key)).rejects.toThrow();
    dynamo.on(QueryCommand).resolves({ Items: [{ pk: "only" }] });
    await expect(table.due({ shard: "DUE#1", untilMs: 1, limit: 1 })).rejects.toThrow();
  });

  it("takes an answer without items for an empty page", async () => {
    dynamo.on(QueryCommand).resolves({});
    const page = { pk: "p", skPrefix: "s", limit: 1, afterSk: "s1", descending: true };
    expect(await table.query(page)).toEqual({ rows: [], lastSk: null });
    expect(await table.due({ shard: "DUE#1", untilMs: 1, limit: 1 })).toEqual([]);
  });
});

describe("reads that go together", () => {
  const together = createDynamoTable({
    client: new DynamoDBClient({ region: "us-east-1" }),
    tableName: "Table",
    gathersReads: true,
  });
  const keys = Array.from({ length: 3 }, (_, n) => ({ pk: "USER#1", sk: `ITEM#${n}` }));
  const itemOf = (place: { pk: string; sk: string }) => ({ ...row, ...place });
  const read = (given: typeof keys) => Promise.all(given.map((one) => together.get(one)));

  it("are one consistent request, whose answers have an order of their own", async () => {
    const items = keys.slice(0, 2).map(itemOf).reverse();
    dynamo.on(BatchGetCommand).resolves({ Responses: { Table: items } });
    expect(await read(keys)).toEqual([itemOf(at(0)), itemOf(at(1)), null]);
    const [call] = dynamo.commandCalls(BatchGetCommand);
    expect(call?.args[0].input).toEqual({
      RequestItems: { Table: { Keys: keys, ConsistentRead: true } },
    });
    expect(dynamo.calls()).toHaveLength(1);
  });

  it("come one by one where DynamoDB has left them for later", async () => {
    dynamo.on(BatchGetCommand).resolves({
      Responses: { Table: [itemOf(at(0))] },
      UnprocessedKeys: { Table: { Keys: [at(1)] } },
    });
    dynamo.on(GetCommand).resolves({ Item: itemOf(at(1)) });
    expect(await read(keys)).toEqual([itemOf(at(0)), itemOf(at(1)), null]);
    expect(dynamo.commandCalls(GetCommand)).toHaveLength(1);
  });

  it("are no more in a request than DynamoDB takes", async () => {
    dynamo.on(BatchGetCommand).resolves({});
    const many = Array.from({ length: 201 }, (_, n) => ({ pk: "USER#1", sk: `ITEM#${n}` }));
    expect(new Set(await read(many))).toEqual(new Set([null]));
    const sizes = dynamo
      .commandCalls(BatchGetCommand)
      .map(({ args }) => args[0].input.RequestItems?.Table?.Keys?.length);
    expect(sizes).toEqual([100, 100, 1]);
  });

  it("fail together", async () => {
    const error = throttled();
    dynamo.onAnyCommand().rejects(error);
    const results = await Promise.allSettled(keys.map((one) => together.get(one)));
    expect(results.every((result) => result.status === "rejected")).toBe(true);
  });

  function at(index: number) {
    const one = keys[index];
    if (one === undefined) throw new Error("no such key");
    return one;
  }
});
