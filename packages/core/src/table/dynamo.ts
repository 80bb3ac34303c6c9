/**
 * The table port over DynamoDB. It uses single-item conditional writes, queries and nothing else, so that the embedded
 * DynamoDB, which knows no transactions, behaves the same.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { gather, nameOf } from "./gather.ts";
import type { Key, Row, TableStore } from "./index.ts";

const rowSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  version: z.int().check(z.minimum(1)),
  writeId: z.string(),
  data: z.unknown(),
  dueShard: z.optional(z.string()),
  dueAtMs: z.optional(z.number()),
  expiresAt: z.optional(z.number()),
});

/** BatchGetItem takes 100 keys (API reference). Those that it leaves are read one by one, as are single ones. */
const batchKeysMax = 100;

export function createDynamoTable(options: {
  client: DynamoDBClient;
  tableName: string;
  /** Reads that are begun together go as one request; that needs the right to BatchGetItem. */
  gathersReads?: boolean;
}): TableStore {
  const client = DynamoDBDocumentClient.from(options.client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const TableName = options.tableName;

  const { getOne, getAll } = createReader(client, TableName);

  return {
    get: options.gathersReads ? gather(getAll) : getOne,

    put(row, expectedVersion) {
      return held(
        client.send(new PutCommand({ TableName, Item: row, ...versionIs(expectedVersion) })),
      );
    },

    remove(key, expectedVersion) {
      return held(
        client.send(
          new DeleteCommand({
            TableName,
            Key: { pk: key.pk, sk: key.sk },
            ...versionIs(expectedVersion),
          }),
        ),
      );
    },

    async query({ pk, skPrefix, limit, afterSk, descending }) {
      const answer = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          ExpressionAttributeValues: { ":pk": pk, ":prefix": skPrefix },
          Limit: limit,
          ScanIndexForward: !descending,
          ConsistentRead: true,
          ...(afterSk === null ? {} : { ExclusiveStartKey: { pk, sk: afterSk } }),
        }),
      );
      const last = answer.LastEvaluatedKey?.sk;
      return {
        rows: (answer.Items ?? []).map(parse),
        lastSk: typeof last === "string" ? last : null,
      };
    },

    async due({ shard, untilMs, limit }) {
      const answer = await client.send(
        new QueryCommand({
          TableName,
          IndexName: "due",
          KeyConditionExpression: "dueShard = :shard AND dueAtMs <= :until",
          ExpressionAttributeValues: { ":shard": shard, ":until": untilMs },
          ProjectionExpression: "pk, sk",
          Limit: limit,
        }),
      );
      return (answer.Items ?? []).map((item): Key => keySchema.parse(item));
    },
  };
}

function createReader(client: DynamoDBDocumentClient, TableName: string) {
  const getOne = async (key: Key): Promise<Row | null> => {
    const answer = await client.send(
      new GetCommand({ TableName, Key: { pk: key.pk, sk: key.sk }, ConsistentRead: true }),
    );
    return answer.Item === undefined ? null : parse(answer.Item);
  };

  const getBatch = async (keys: Key[]): Promise<(Row | null)[]> => {
    const Keys = keys.map(({ pk, sk }) => ({ pk, sk }));
    const answer = await client.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    );
    const rows = (answer.Responses?.[TableName] ?? []).map(parse);
    const rowByName = new Map(rows.map((row) => [nameOf(row), row]));
    // DynamoDB may leave keys for later; a key that it has not left and not answered has no row.
    const left = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    const namesLeft = new Set(left.map((key) => nameOf(keySchema.parse(key))));
    return Promise.all(
      keys.map((key) =>
        namesLeft.has(nameOf(key)) ? getOne(key) : (rowByName.get(nameOf(key)) ?? null),
      ),
    );
  };

  const getAll = async (keys: Key[]): Promise<(Row | null)[]> => {
    if (keys.length === 1) return Promise.all(keys.map(getOne));
    const pages: Promise<(Row | null)[]>[] = [];
    for (let first = 0; first < keys.length; first += batchKeysMax) {
      pages.push(getBatch(keys.slice(first, first + batchKeysMax)));
    }
    return (await Promise.all(pages)).flat();
  };

  return { getOne, getAll };
}

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** `exactOptionalPropertyTypes` and zod's optional disagree about undefined; absent keys never hold undefined here. */
function parse(item: unknown): Row {
  return rowSchema.parse(item) as Row;
}

function versionIs(expectedVersion: number) {
  if (expectedVersion === 0) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "#version = :expected",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":expected": expectedVersion },
  };
}

async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
