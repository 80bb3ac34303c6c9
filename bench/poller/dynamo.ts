/** The embedded DynamoDB in a process of its own, with tables as the plan has them. */
import { join } from "node:path";
import { readSystem } from "@clipcast/infra/plan";
import { projectRoot } from "@clipcast/local";
import { startDynamo } from "../../packages/local/src/dynamo/index.ts";
import { provisionTable } from "../../packages/local/src/host/provision.ts";
import { serveParent } from "../child.ts";
import { connectDynamo } from "./connect.ts";
import { dynamoSchema } from "./protocol.ts";

await serveParent(dynamoSchema, async ({ dir, tables }) => {
  const { url } = await startDynamo({ port: 0, dir });
  const [spec] = readSystem(join(projectRoot, "infra", "plan", "plan.json")).tables;
  if (spec === undefined) throw new Error("the plan has no table");
  const client = connectDynamo(url);
  for (const table of tables) await provisionTable(client, table, spec);
  return { url };
});
