import { createDynamoTable } from "../../../core/src/table/index.ts";
import { describeTable } from "../../../core/test/contract/table.ts";
import { startLocalTable } from "../dynamo/local-table.ts";

describeTable("createDynamoTable on local DynamoDB", async () => {
  const local = await startLocalTable();
  const table = createDynamoTable({ client: local.client, tableName: "Table" });
  return { table, close: local.dispose };
});
