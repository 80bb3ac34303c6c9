/** A running local DynamoDB in a temporary directory, with a table like the product's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { type Dynamo, startDynamo } from "../../src/dynamo/index.ts";

export type LocalTable = {
  dir: string;
  dynamo: Dynamo;
  client: DynamoDBClient;
  restart: () => Promise<void>;
  dispose: () => Promise<void>;
};

export async function startLocalTable(): Promise<LocalTable> {
  const dir = join(mkdtempSync(join(tmpdir(), "dynamo-")), "tables");
  const first = await open(dir);
  const local: LocalTable = {
    dir,
    ...first,
    async restart() {
      local.client.destroy();
      await local.dynamo.close();
      Object.assign(local, await open(dir));
    },
    async dispose() {
      local.client.destroy();
      await local.dynamo.close();
      rmSync(join(dir, ".."), { recursive: true });
    },
  };
  await local.client.send(createTable);
  const waiting = { client: local.client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 };
  await waitUntilTableExists(waiting, { TableName: "Table" });
  return local;
}

async function open(dir: string): Promise<{ dynamo: Dynamo; client: DynamoDBClient }> {
  const dynamo = await startDynamo({ port: 0, dir });
  const client = new DynamoDBClient({
    endpoint: dynamo.url,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  return { dynamo, client };
}

const createTable = new CreateTableCommand({
  TableName: "Table",
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "dueShard", AttributeType: "S" },
    { AttributeName: "dueAtMs", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "due",
      KeySchema: [
        { AttributeName: "dueShard", KeyType: "HASH" },
        { AttributeName: "dueAtMs", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["userId"] },
    },
  ],
});
