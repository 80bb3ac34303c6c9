/**
 * What plan.json says, as one typed value: the system that every host builds.
 *
 * plan.json is the offline evaluation of sst.config.ts. The local host, the CDK stack and the invariants all read it
 * through `readSystem`, so that none of them describes the infrastructure a second time.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

const link = z.looseObject({ type: z.string() });

const functionSpec = z.object({
  /** Logical name, PascalCase: `Api`, `Relay`. */
  name: z.string(),
  /** `path/to/file.export`, from the project's root. */
  handler: z.string(),
  timeoutSeconds: z.number().int(),
  memoryMb: z.number().int(),
  architecture: z.enum(["arm64", "x86_64"]),
  runtime: z.string(),
  /** Reserved concurrency; null when the account's pool is shared. */
  reservedConcurrency: z.number().int().nullable(),
  /** Plain environment, without the SST_* variables that carry links. */
  environment: z.record(z.string(), z.string()),
  /** Names of `links` this function may read through SST's `Resource`. */
  links: z.array(z.string()),
  permissions: z.array(
    z.object({
      actions: z.array(z.string()),
      resources: z.array(z.string()),
      /** As IAM writes it: test → key → values. Left out where there is none. */
      conditions: z.record(z.string(), z.record(z.string(), z.array(z.string()))).optional(),
    }),
  ),
  /** How long its log is kept. */
  logRetentionDays: z.number().int(),
});

const tableSpec = z.object({
  name: z.string(),
  hashKey: z.string(),
  rangeKey: z.string().nullable(),
  /** Attribute types by attribute: "S", "N" or "B". */
  fields: z.record(z.string(), z.enum(["S", "N", "B"])),
  indexes: z.array(
    z.object({
      name: z.string(),
      hashKey: z.string(),
      rangeKey: z.string().nullable(),
      projection: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
      nonKeyAttributes: z.array(z.string()),
    }),
  ),
  ttlAttribute: z.string().nullable(),
  pointInTimeRecovery: z.boolean(),
  deletionProtection: z.boolean(),
});

const queueSpec = z.object({
  name: z.string(),
  visibilityTimeoutSeconds: z.number().int(),
  messageRetentionSeconds: z.number().int(),
  delaySeconds: z.number().int(),
  encrypted: z.boolean(),
  deadLetter: z.object({ queue: z.string(), maxReceiveCount: z.number().int() }).nullable(),
});

const bucketSpec = z.object({
  name: z.string(),
  encrypted: z.boolean(),
  corsRules: z.array(
    z.object({
      allowedOrigins: z.array(z.string()),
      allowedMethods: z.array(z.string()),
      allowedHeaders: z.array(z.string()),
      exposeHeaders: z.array(z.string()),
      maxAgeSeconds: z.number().int().nullable(),
    }),
  ),
  lifecycleRules: z.array(
    z.object({
      id: z.string(),
      prefix: z.string(),
      expirationDays: z.number().int().nullable(),
      abortIncompleteMultipartDays: z.number().int().nullable(),
    }),
  ),
});

const topicSpec = z.object({
  name: z.string(),
  /** The KMS key that its messages are encrypted under; null when they are not. */
  key: z.string().nullable(),
  subscribers: z.array(z.object({ protocol: z.string(), endpoint: z.string() })),
});

const alarmSpec = z.object({
  name: z.string(),
  /** What it means and what to do; ends in the section of docs/operations.md. */
  description: z.string(),
  metric: z.object({
    namespace: z.string(),
    name: z.string(),
    /** Values are references where a deployment chooses them: `${Poller.name}`. */
    dimensions: z.record(z.string(), z.string()),
  }),
  /** `Sum`, `Maximum`, or a percentile: `p95`. */
  statistic: z.string(),
  comparison: z.string(),
  threshold: z.number(),
  periodSeconds: z.number().int(),
  periods: z.number().int(),
  missingData: z.string(),
  /** Topics that are told when it goes off, and when it is over. */
  actions: z.array(z.string()),
  okActions: z.array(z.string()),
});

export const systemSchema = z.object({
  app: z.string(),
  stage: z.string(),
  functions: z.array(functionSpec),
  tables: z.array(tableSpec),
  queues: z.array(queueSpec),
  buckets: z.array(bucketSpec),
  /** KMS keys, by logical name. */
  keys: z.array(z.object({ name: z.string(), rotation: z.boolean() })),
  eventSources: z.array(
    z.object({
      function: z.string(),
      queue: z.string(),
      batchSize: z.number().int(),
      batchWindowSeconds: z.number().int(),
      /** The mapping's MaximumConcurrency; null when unlimited. */
      maximumConcurrency: z.number().int().nullable(),
      partialResponses: z.boolean(),
    }),
  ),
  schedules: z.array(z.object({ name: z.string(), function: z.string(), expression: z.string() })),
  /** API Gateway v2 routes; `path` is Gateway's own form: `/api/{proxy+}`. */
  routes: z.array(z.object({ method: z.string(), path: z.string(), function: z.string() })),
  /** Path prefixes that the one public origin sends to the API rather than to the site. */
  apiPrefixes: z.array(z.string()),
  site: z.object({
    name: z.string(),
    path: z.string(),
    output: z.string(),
    indexPage: z.string(),
    /** Globs of files in the output; the last that matches counts. */
    cacheRules: z.array(z.object({ files: z.string(), cacheControl: z.string() })),
  }),
  /** Domains of the public origin; none means CloudFront's own. */
  domains: z.array(z.string()),
  /** What the public origin adds to every answer, by lower-case name. `${Bucket.origin}` is where parts are put. */
  headers: z.record(z.string(), z.string()),
  topics: z.array(topicSpec),
  alarms: z.array(alarmSpec),
  /** `body` is CloudWatch's own form, with references in it. */
  dashboards: z.array(z.object({ name: z.string(), body: z.json() })),
  /**
   * What `Resource.<Name>` holds, by link name. A value that only the deployment knows is written as a reference,
   * `{"ref": "Table.name"}`, and filled in by the host.
   */
  links: z.record(z.string(), link),
});

export type System = z.infer<typeof systemSchema>;
export type FunctionSpec = z.infer<typeof functionSpec>;
export type TableSpec = z.infer<typeof tableSpec>;
export type QueueSpec = z.infer<typeof queueSpec>;
export type BucketSpec = z.infer<typeof bucketSpec>;
export type AlarmSpec = z.infer<typeof alarmSpec>;

const planSchema = z.object({ system: systemSchema });

/** Reads and validates a plan file. Throws a zod error that names the wrong field. */
export function readSystem(path: URL | string): System {
  return planSchema.parse(JSON.parse(readFileSync(path, "utf8"))).system;
}
