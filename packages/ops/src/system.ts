/**
 * The system that a command works on: real AWS clients and the real TikTok API, put together from the same links that the
 * functions read. Which system that is stands in the environment; nothing here knows whether it is a stage or a local run.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import {
  createDynamoScanner,
  createKmsResealer,
  createSqsGauge,
  type QueueGauge,
} from "@clipcast/core/operations";
import { createS3Storage, s3ClientConfig } from "@clipcast/core/storage";
import { type Clock, createKmsSealer, createSqsQueue, type Log } from "@clipcast/core/system";
import { createDynamoTable } from "@clipcast/core/table";
import { createTikTokApi } from "@clipcast/core/tiktok";
import { Resource } from "sst";
import * as z from "zod";

const named = z.object({ name: z.string().min(1) });
const addressed = z.object({ url: z.url() });
const secret = z.object({ value: z.string().min(1) });

const linksSchema = z.object({
  App: z.object({ name: z.string(), stage: z.string() }),
  Table: named,
  Bucket: named,
  RelayQueue: addressed,
  RelayDeadQueue: addressed,
  CheckQueue: addressed,
  SealKey: z.object({ arn: z.string().min(1) }),
  TikTokClientKey: secret,
  TikTokClientSecret: secret,
  TikTok: z.object({ authorizeUrl: z.url(), apiUrl: z.url(), uploadHostSuffix: z.string().min(1) }),
});
type Links = z.infer<typeof linksSchema>;

export type System = ReturnType<typeof openSystem>;

const clock: Clock = {
  nowMs: () => Date.now(),
  async wait(delayMs, signal) {
    await delay(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

/** `onLine` hears what core logs: outcomes and ids, never a secret. */
export function openSystem(onLine: (line: string) => void) {
  const links = readLinks();
  const log: Log = { event: (name, fields) => onLine(JSON.stringify({ event: name, ...fields })) };
  const dynamo = new DynamoDBClient({});
  const kms = new KMSClient({});
  const sqs = new SQSClient({});
  const s3 = new S3Client(s3ClientConfig);
  const queue = (name: "RelayQueue" | "CheckQueue") =>
    createSqsQueue({ client: sqs, url: links[name].url });
  const gauges: Record<string, QueueGauge> = {};
  for (const name of ["RelayQueue", "RelayDeadQueue", "CheckQueue"] as const) {
    gauges[name] = createSqsGauge({ client: sqs, url: links[name].url });
  }
  const sealKey = { client: kms, keyId: links.SealKey.arn };
  return {
    stage: links.App.stage,
    deps: {
      clock,
      log,
      random: { bytes: (count: number) => randomBytes(count) },
      table: createDynamoTable({ client: dynamo, tableName: links.Table.name }),
      scanner: createDynamoScanner({ client: dynamo, tableName: links.Table.name }),
      storage: createS3Storage({ client: s3, bucket: links.Bucket.name }),
      relayQueue: queue("RelayQueue"),
      checkQueue: queue("CheckQueue"),
      sealer: createKmsSealer(sealKey),
      resealer: createKmsResealer(sealKey),
      tiktok: createTikTokApi(tiktokConfig(links), { fetch }),
    },
    gauges,
    close() {
      for (const client of [dynamo, kms, sqs, s3]) client.destroy();
    },
  };
}

function tiktokConfig(links: Links) {
  return {
    ...links.TikTok,
    clientKey: links.TikTokClientKey.value,
    clientSecret: links.TikTokClientSecret.value,
    // Only a login sends it, and an operator never logs in.
    redirectUri: "",
  };
}

function readLinks(): Links {
  const links: Record<string, unknown> = {};
  for (const name of Object.keys(linksSchema.shape)) links[name] = readLink(name);
  const parsed = linksSchema.safeParse(links);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  // Values may be secrets, so only their names are told.
  throw new Error(`This stage has no usable link for: ${fields}. Is it deployed, with this code?`);
}

/** SST throws for a link that is not there; all that are missing are told of at once. */
function readLink(name: string): unknown {
  try {
    return (Resource as unknown as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
