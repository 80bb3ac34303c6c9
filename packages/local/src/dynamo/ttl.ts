/**
 * Time to live, which dynalite has not: deletes the rows whose expiry has passed.
 *
 * Owns one bounded sweep at a time; the host decides when. As with DynamoDB, expiry only cleans: rows may outlive it,
 * so code must check it for itself.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";

type Key = Record<string, AttributeValue>;

export type TtlTable = {
  client: DynamoDBClient;
  tableName: string;
  /** Holds seconds since 1970, as a number. */
  ttlAttribute: string;
  /** How much one sweep reads at most. */
  bounds?: { pageRowCount: number; pageCountMax: number };
};

export type TtlSweep = {
  deletedCount: number;
  /** Where the next sweep goes on; null when the whole table was seen. */
  nextKey: Key | null;
};

/** A sweep reads 2,000 rows at most, so that it never stands in the way of a function's calls for long. */
const defaultBounds = { pageRowCount: 100, pageCountMax: 20 };
/** DynamoDB leaves alone what seems too old to be meant:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html */
const ageSecondsMax = 5 * 365 * 24 * 3600;

/** Sweeps on from where the last sweep stopped; a sweep that is still under way is joined, not doubled. */
export function createTtlSweeper(table: TtlTable): (nowMs: number) => Promise<TtlSweep> {
  let startKey: Key | null = null;
  let current: Promise<TtlSweep> | null = null;

  async function sweepOn(nowMs: number): Promise<TtlSweep> {
    try {
      const sweep = await sweepTtl({ ...table, nowMs, startKey });
      startKey = sweep.nextKey;
      return sweep;
    } finally {
      current = null;
    }
  }

  return (nowMs) => {
    current ??= sweepOn(nowMs);
    return current;
  };
}

/** Deletes expired rows from `startKey` on, within the bounds of one sweep. */
export async function sweepTtl(
  options: TtlTable & { nowMs: number; startKey?: Key | null },
): Promise<TtlSweep> {
  const { client, tableName, bounds = defaultBounds } = options;
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const keyNames = (table?.KeySchema ?? []).map((element) => element.AttributeName ?? "");
  const condition = expiredCondition(options);
  let nextKey = options.startKey ?? null;
  let deletedCount = 0;
  for (let page = 0; page < bounds.pageCountMax; page += 1) {
    const found = await client.send(
      new ScanCommand({
        TableName: tableName,
        Limit: bounds.pageRowCount,
        FilterExpression: condition.expression,
        ExpressionAttributeNames: condition.names,
        ExpressionAttributeValues: condition.values,
        ...(nextKey === null ? {} : { ExclusiveStartKey: nextKey }),
      }),
    );
    const deletions = (found.Items ?? []).map((row) =>
      deleteExpired(options, keyOf(row, keyNames), condition),
    );
    deletedCount += (await Promise.all(deletions)).filter(Boolean).length;
    nextKey = found.LastEvaluatedKey ?? null;
    if (nextKey === null) {
      break;
    }
  }
  return { deletedCount, nextKey };
}

type Condition = {
  expression: string;
  names: Record<string, string>;
  values: Record<string, AttributeValue>;
};

function expiredCondition(options: { ttlAttribute: string; nowMs: number }): Condition {
  const nowSeconds = Math.floor(options.nowMs / 1000);
  return {
    expression: "attribute_type(#ttl, :number) AND #ttl BETWEEN :oldest AND :now",
    names: { "#ttl": options.ttlAttribute },
    values: {
      ":number": { S: "N" },
      ":oldest": { N: String(nowSeconds - ageSecondsMax) },
      ":now": { N: String(nowSeconds) },
    },
  };
}

/** False when the row got a new expiry, or went, since it was read. */
async function deleteExpired(options: TtlTable, key: Key, condition: Condition): Promise<boolean> {
  try {
    await options.client.send(
      new DeleteItemCommand({
        TableName: options.tableName,
        Key: key,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: condition.names,
        ExpressionAttributeValues: condition.values,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return false;
    }
    throw error;
  }
}

function keyOf(row: Record<string, AttributeValue>, keyNames: string[]): Key {
  return Object.fromEntries(
    Object.entries(row).filter(([attribute]) => keyNames.includes(attribute)),
  );
}
