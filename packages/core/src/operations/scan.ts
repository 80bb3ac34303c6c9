/**
 * The keys of the whole table, page by page. For what must reach every row once in a while; nothing that a creator waits for
 * may scan.
 */
import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import type { Key } from "../table/index.ts";

export interface TableScanner {
  /** A page may be empty and yet have a successor; the last has none. */
  page(options: { limit: number; after: Key | null }): Promise<{ keys: Key[]; next: Key | null }>;
}

const text = z.object({ S: z.string() });
const keySchema = z.pipe(
  z.object({ pk: text, sk: text }),
  z.transform(({ pk, sk }) => ({ pk: pk.S, sk: sk.S })),
);

/**
 * Speaks DynamoDB's own format: a second document client would write its settings into the client that it shares with the
 * table's (`DynamoDBDocumentClient.from` keeps them there).
 */
export function createDynamoScanner(options: {
  client: DynamoDBClient;
  tableName: string;
}): TableScanner {
  return {
    async page({ limit, after }) {
      const answer = await options.client.send(
        new ScanCommand({
          TableName: options.tableName,
          ProjectionExpression: "pk, sk",
          Limit: limit,
          ...(after === null ? {} : { ExclusiveStartKey: marshalled(after) }),
        }),
      );
      const last = answer.LastEvaluatedKey;
      return {
        keys: (answer.Items ?? []).map((item) => keySchema.parse(item)),
        next: last === undefined ? null : keySchema.parse(last),
      };
    },
  };
}

function marshalled({ pk, sk }: Key): Record<string, AttributeValue> {
  return { pk: { S: pk }, sk: { S: sk } };
}
