/**
 * A small system of its own: one function behind HTTP that writes to a table and a queue, one that
 * consumes the queue, one on a schedule, and a page that a fake Vite builds.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { System } from "@clipcast/infra/plan";
import { onTestFinished } from "vitest";
import { type LocalHost, type LocalOptions, startLocal } from "../../src/index.ts";
import { functionSpec } from "../lambda/fixture.ts";

/** The fixture's functions use the AWS SDK of this package. */
const sdk = fileURLToPath(new URL("../../node_modules/@aws-sdk", import.meta.url));

const front = `
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "${sdk}/client-dynamodb";
import { SendMessageCommand, SQSClient } from "${sdk}/client-sqs";
const resource = (name) => JSON.parse(process.env["SST_RESOURCE_" + name]);
const table = new DynamoDBClient({});
const queue = new SQSClient({});
export const handler = async (event) => {
  const TableName = resource("Table").name;
  if (event.requestContext.http.method === "POST") {
    const Item = { pk: { S: "note" }, sk: { S: "1" }, text: { S: event.body } };
    await table.send(new PutItemCommand({ TableName, Item }));
    await queue.send(new SendMessageCommand({ QueueUrl: resource("Work").url, MessageBody: event.body }));
  }
  const Key = { pk: { S: "note" }, sk: { S: "1" } };
  const { Item } = await table.send(new GetItemCommand({ TableName, Key }));
  return { text: Item?.text.S ?? null, site: resource("Site").origin, app: resource("App") };
};`;

const sink = `export const handler = async (event) => {
  for (const record of event.Records ?? []) console.log("took " + record.body);
  if (event.crash) process.exit(1);
  return { batchItemFailures: [], pid: process.pid };
};`;

export function writeSystem(dir: string): System {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "front.ts"), front);
  writeFileSync(join(dir, "sink.ts"), sink);
  writeSite(join(dir, "web"));
  return {
    app: "fixture",
    stage: "production",
    functions: [
      functionSpec("Front", {
        handler: join(dir, "front.handler"),
        links: ["Table", "Work", "Site"],
      }),
      functionSpec("Sink", { handler: join(dir, "sink.handler") }),
      functionSpec("Tick", { handler: join(dir, "sink.handler") }),
    ],
    tables: [
      {
        name: "Table",
        hashKey: "pk",
        rangeKey: "sk",
        fields: { pk: "S", sk: "S", dueShard: "S", dueAtMs: "N" },
        indexes: [
          {
            name: "due",
            hashKey: "dueShard",
            rangeKey: "dueAtMs",
            projection: "INCLUDE",
            nonKeyAttributes: ["text"],
          },
        ],
        ttlAttribute: "expiresAt",
        pointInTimeRecovery: true,
        deletionProtection: true,
      },
    ],
    queues: [
      {
        name: "Work",
        visibilityTimeoutSeconds: 30,
        messageRetentionSeconds: 3600,
        delaySeconds: 0,
        encrypted: true,
        deadLetter: { queue: "WorkDead", maxReceiveCount: 3 },
      },
      {
        name: "WorkDead",
        visibilityTimeoutSeconds: 30,
        messageRetentionSeconds: 3600,
        delaySeconds: 0,
        encrypted: true,
        deadLetter: null,
      },
    ],
    buckets: [
      {
        name: "Bucket",
        encrypted: true,
        corsRules: [
          {
            allowedOrigins: ["$" + "{Router.url}", "https://video.example"],
            allowedMethods: ["PUT", "GET"],
            allowedHeaders: ["*"],
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 3600,
          },
        ],
        lifecycleRules: [
          { id: "expire", prefix: "", expirationDays: 7, abortIncompleteMultipartDays: null },
          { id: "abort", prefix: "", expirationDays: null, abortIncompleteMultipartDays: 2 },
        ],
      },
    ],
    keys: [{ name: "Key", rotation: true }],
    eventSources: [
      {
        function: "Sink",
        queue: "Work",
        batchSize: 10,
        batchWindowSeconds: 0,
        maximumConcurrency: 2,
        partialResponses: true,
      },
    ],
    schedules: [{ name: "Every", function: "Tick", expression: "rate(1 minute)" }],
    routes: [{ method: "ANY", path: "/api/{proxy+}", function: "Front" }],
    apiPrefixes: ["/api"],
    site: {
      name: "Web",
      path: join(dir, "web"),
      output: "dist",
      indexPage: "index.html",
      cacheRules: [
        { files: "**", cacheControl: "no-cache" },
        { files: "assets/**", cacheControl: "public,max-age=31536000,immutable" },
      ],
    },
    domains: [],
    headers: {
      "content-security-policy": "connect-src 'self' $" + "{Bucket.origin}",
      "x-content-type-options": "nosniff",
    },
    topics: [],
    alarms: [],
    dashboards: [],
    links: {
      Table: { type: "sst.aws.Dynamo", name: { ref: "Table.name" } },
      Work: { type: "sst.aws.Queue", url: { ref: "Work.url" } },
      Bucket: { type: "sst.aws.Bucket", name: { ref: "Bucket.name" } },
      Key: { type: "aws.kms/key.Key", arn: { ref: "Key.arn" } },
      Site: { type: "sst.sst.Linkable", origin: { ref: "Router.url" } },
      Settings: { type: "sst.sst.Linkable", isAudited: false },
    },
  };
}

/** A package whose Vite writes one page, or fails when there is a file named `broken`. */
export function writeSite(dir: string): void {
  const bin = join(dir, "node_modules", "vite", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(dir, "package.json"), "{}");
  writeFileSync(
    join(bin, "vite.js"),
    `const fs = require("node:fs");
     if (process.argv[2] !== "build") process.exit(2);
     if (fs.existsSync("broken")) { console.error("main.tsx: no such export\\n    at vite.js:1:1"); process.exit(1); }
     const dist = process.argv[process.argv.indexOf("--outDir") + 1];
     fs.mkdirSync(dist, { recursive: true });
     fs.writeFileSync(dist + "/index.html", "<h1>built page</h1>");`,
  );
}

/** On free ports, without schedules, stopped with the test. */
export async function startFixtureHost(
  dir: string,
  system: System,
  options: Partial<LocalOptions> = {},
): Promise<LocalHost> {
  const host = await startLocal({ dir, port: 0, system, schedules: false, ...options });
  onTestFinished(() => host.stop());
  return host;
}
