import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoTable } from "../../../core/src/table/index.ts";
import { describeTable } from "../../../core/test/contract/table.ts";
import { startLocalTable } from "../dynamo/local-table.ts";

/** A new table takes no rows before it is active, which it becomes a moment after its creation was answered. */
async function untilActive(client: DynamoDBClient): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: "Table" }));
    if (Table?.TableStatus === "ACTIVE") return;
  }
  throw new Error("the table does not become active");
}

for (const gathersReads of [false, true]) {
  const name = `createDynamoTable on local DynamoDB${gathersReads ? ", reading together" : ""}`;
  describeTable(name, async () => {
    const local = await startLocalTable();
    await untilActive(local.client);
    const table = createDynamoTable({ client: local.client, tableName: "Table", gathersReads });
    return { table, close: local.dispose };
  });
}
