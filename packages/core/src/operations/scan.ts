/**
 * The keys of the whole table, page by page. For what must reach every row once in a while; nothing that a creator waits for
 * may scan.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Key } from "../table/index.ts";

export interface TableScanner {
  /** A page may be empty and yet have a successor; the last has none. */
  page(options: { limit: number; after: Key | null }): Promise<{ keys: Key[]; next: Key | null }>;
}

const keySchema = z.object({ pk: z.string(), sk: z.string() });

export function createDynamoScanner(options: {
  client: DynamoDBClient;
  tableName: string;
}): TableScanner {
  const client = DynamoDBDocumentClient.from(options.client);
  return {
    async page({ limit, after }) {
      const answer = await client.send(
        new ScanCommand({
          TableName: options.tableName,
          ProjectionExpression: "pk, sk",
          Limit: limit,
          ...(after === null ? {} : { ExclusiveStartKey: { pk: after.pk, sk: after.sk } }),
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
