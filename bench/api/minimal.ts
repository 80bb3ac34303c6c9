/**
 * The baseline of a cold start: Hono with one route, and the AWS clients that our API uses, each made as it is there. It
 * validates nothing and reads no links.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

const clients = {
  table: DynamoDBDocumentClient.from(new DynamoDBClient({})),
  storage: new S3Client({}),
  queue: new SQSClient({}),
  keys: new KMSClient({}),
};
const app = new Hono();
app.get("/", async (c) => {
  await clients.table.send(new GetCommand({ TableName: "none", Key: { pk: "none" } }));
  return c.json({ clients: Object.keys(clients), canSign: typeof getSignedUrl === "function" });
});

export const handler = handle(app);
