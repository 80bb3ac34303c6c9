import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startDynamo } from "../../src/dynamo/index.ts";
import { type LocalTable, startLocalTable } from "./local-table.ts";

let local: LocalTable;

beforeEach(async () => {
  local = await startLocalTable();
});

afterEach(() => local.dispose());

const key = { pk: { S: "user#1" }, sk: { S: "publication#1" } };

function put(item: Record<string, { S: string } | { N: string }>, isNew = false) {
  return local.client.send(
    new PutItemCommand({
      TableName: "Table",
      Item: { ...key, ...item },
      ...(isNew ? { ConditionExpression: "attribute_not_exists(pk)" } : {}),
    }),
  );
}

async function get() {
  const found = await local.client.send(
    new GetItemCommand({ TableName: "Table", Key: key, ConsistentRead: true }),
  );
  return found.Item;
}

async function due(untilMs: number) {
  const found = await local.client.send(
    new QueryCommand({
      TableName: "Table",
      IndexName: "due",
      KeyConditionExpression: "dueShard = :shard AND dueAtMs <= :until",
      ExpressionAttributeValues: { ":shard": { S: "0" }, ":until": { N: String(untilMs) } },
    }),
  );
  return found.Items ?? [];
}

describe("what the product needs of it", () => {
  test("a table is usable as soon as it is created", async () => {
    const described = await local.client.send(new DescribeTableCommand({ TableName: "Table" }));
    expect(described.Table?.TableStatus).toBe("ACTIVE");
    expect(described.Table?.GlobalSecondaryIndexes?.[0]?.IndexStatus).toBe("ACTIVE");
  });

  test("of many conditional creations exactly one wins", async () => {
    const attempts = Array.from({ length: 10 }, (_, n) => put({ owner: { N: String(n) } }, true));
    const results = await Promise.allSettled(attempts);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const [lost] = results.filter((result) => result.status === "rejected");
    expect(lost?.reason).toBeInstanceOf(ConditionalCheckFailedException);
  });

  test("a fenced update passes with the expected version alone", async () => {
    await put({ fence: { N: "1" } });
    const fenced = (expected: number) =>
      local.client.send(
        new UpdateItemCommand({
          TableName: "Table",
          Key: key,
          UpdateExpression: "SET fence = fence + :one",
          ConditionExpression: "fence = :expected",
          ExpressionAttributeValues: { ":one": { N: "1" }, ":expected": { N: String(expected) } },
        }),
      );
    await fenced(1);
    await expect(fenced(1)).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(await get()).toMatchObject({ fence: { N: "2" } });
  });

  test("the sparse index holds what is due, in order, with what it projects, and forgets the settled", async () => {
    await put({
      dueShard: { S: "0" },
      dueAtMs: { N: "1700000000500" },
      userId: { S: "1" },
      title: { S: "not projected" },
    });
    const earlier = { sk: { S: "publication#2" }, dueShard: { S: "0" }, dueAtMs: { N: "99" } };
    await put(earlier);
    await put({ sk: { S: "publication#3" } });
    expect(await due(1_700_000_000_499)).toMatchObject([{ sk: { S: "publication#2" } }]);
    expect(await due(1_700_000_000_500)).toEqual([
      { pk: key.pk, ...earlier },
      { ...key, dueShard: { S: "0" }, dueAtMs: { N: "1700000000500" }, userId: { S: "1" } },
    ]);
    await local.client.send(
      new UpdateItemCommand({
        TableName: "Table",
        Key: key,
        UpdateExpression: "REMOVE dueShard, dueAtMs",
      }),
    );
    expect(await due(1_700_000_000_500)).toHaveLength(1);
  });

  test("integers above 2^53 survive", async () => {
    await put({ postId: { N: "7123456789012345678" } });
    expect(await get()).toMatchObject({ postId: { N: "7123456789012345678" } });
  });

  test("a restart keeps tables, rows and index", async () => {
    await put({ dueShard: { S: "0" }, dueAtMs: { N: "5" } });
    await local.restart();
    expect(await get()).toMatchObject(key);
    expect(await due(5)).toHaveLength(1);
  });
});

describe("where dynalite differs from DynamoDB", () => {
  test("a failed condition never carries the item, even when asked to", async () => {
    await put({});
    const lost = local.client.send(
      new PutItemCommand({
        TableName: "Table",
        Item: key,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(lost).rejects.toMatchObject({ Item: undefined });
  });

  test("there are no transactions", async () => {
    const write = local.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: "Table", Item: key } }],
      }),
    );
    await expect(write).rejects.toMatchObject({ name: "UnknownOperationException" });
  });
});

describe("the server", () => {
  test("survives a caller that hangs up in the middle of a request", async () => {
    const socket = connect(local.dynamo.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf a bo");
    // An answer to something later says that the first bytes have been read.
    expect(await get()).toBeUndefined();
    socket.resetAndDestroy();
    await once(socket, "close");
    await put({ after: { S: "all" } });
    expect(await get()).toMatchObject({ after: { S: "all" } });
  });

  test("finishes what has begun before it closes, and keeps it", async () => {
    const writes = Array.from({ length: 20 }, (_, n) => put({ sk: { S: `row#${n}` } }));
    const answered = Promise.allSettled(writes);
    await writes[0];
    await local.restart();
    const written = (await answered).filter((result) => result.status === "fulfilled").length;
    const found = await local.client.send(
      new QueryCommand({
        TableName: "Table",
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": key.pk },
        ConsistentRead: true,
      }),
    );
    expect(written).toBeGreaterThan(0);
    expect(found.Count).toBeGreaterThanOrEqual(written);
  });

  test("refuses a directory that another host has open, and says so", async () => {
    const second = startDynamo({ port: 0, dir: local.dir });
    await expect(second).rejects.toThrow(`The tables in ${local.dir} cannot be opened`);
  });

  test("says so when its port is taken, and lets go of the directory", async () => {
    const dir = `${local.dir}-other`;
    const second = startDynamo({ port: local.dynamo.port, dir });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
    const third = await startDynamo({ port: 0, dir });
    await third.close();
  });

  test.each([
    ["a web page", { origin: "https://evil.example" }],
    ["a rebound name", { host: "evil.example" }],
  ])("answers nothing to %s", async (_title, headers) => {
    const outgoing = request(local.dynamo.url, { method: "GET", headers });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    response.resume();
    expect(response.statusCode).toBe(403);
    expect(response.headers["access-control-allow-origin"]).toBeUndefined();
  });
});
