/**
 * Creates what the plan names: tables with their indexes, queues with their dead letters, buckets
 * with CORS and lifecycle.
 *
 * Everything is idempotent, as the state of a former run may be there. A table that differs from the
 * plan is an error that says so: DynamoDB cannot change a key, and half-working indexes are worse
 * than a fresh start.
 */
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { BucketSpec, QueueSpec, System, TableSpec } from "@clipcast/infra/plan";

export type Queue = { url: string; arn: string };

/** The name a resource goes by here; a bucket's may have no capitals. */
export function physicalName(system: System, name: string): string {
  const kebab = name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-");
  return `${system.app}-local-${kebab}`.toLowerCase();
}

export async function provisionTable(
  client: DynamoDBClient,
  TableName: string,
  spec: TableSpec,
): Promise<void> {
  const existing = await describeTable(client, TableName);
  if (existing !== null) {
    if (shapeOf(existing) === shapeOf(toTable(spec))) return;
    throw new Error(
      `Table ${spec.name} has other keys or indexes than the plan. Start with --fresh to begin anew.`,
    );
  }
  const { KeySchema, GlobalSecondaryIndexes } = toTable(spec);
  const keys = [KeySchema, ...GlobalSecondaryIndexes.map((index) => index.KeySchema)].flat();
  const keyNames = new Set(keys.map((key) => key.AttributeName ?? ""));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema,
      AttributeDefinitions: [...keyNames].map((AttributeName) => ({
        AttributeName,
        AttributeType: spec.fields[AttributeName],
      })),
      ...(GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes } : {}),
    }),
  );
  // The embedded DynamoDB is ready at once or nearly so; the bound is two seconds.
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const table = await describeTable(client, TableName);
    if (table?.TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Table ${spec.name} did not become active.`);
}

/** Dead-letter queues are queues like the others: all exist before the first points at another. */
export async function provisionQueues(
  client: SQSClient,
  nameOf: (name: string) => string,
  specs: QueueSpec[],
): Promise<Map<string, Queue>> {
  const queueByName = new Map<string, Queue>();
  for (const spec of specs) {
    const Attributes = {
      VisibilityTimeout: String(spec.visibilityTimeoutSeconds),
      MessageRetentionPeriod: String(spec.messageRetentionSeconds),
      DelaySeconds: String(spec.delaySeconds),
    };
    const create = new CreateQueueCommand({ QueueName: nameOf(spec.name), Attributes });
    const { QueueUrl = "" } = await client.send(create);
    const AttributeNames = ["QueueArn" as const];
    const described = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
    );
    queueByName.set(spec.name, { url: QueueUrl, arn: described.Attributes?.QueueArn ?? "" });
  }
  for (const { name, deadLetter } of specs) {
    if (deadLetter === null) continue;
    const { maxReceiveCount } = deadLetter;
    const deadLetterTargetArn = queueByName.get(deadLetter.queue)?.arn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    const QueueUrl = queueByName.get(name)?.url;
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
  }
  return queueByName;
}

/** Where the plan's CORS names the deployment's own origin, the local one takes its place. */
export async function provisionBucket(
  client: S3Client,
  Bucket: string,
  spec: BucketSpec,
  origin: string,
): Promise<void> {
  const exists = await client.send(new HeadBucketCommand({ Bucket })).then(
    () => true,
    () => false,
  );
  if (!exists) await client.send(new CreateBucketCommand({ Bucket }));
  if (spec.corsRules.length > 0) {
    const CORSRules = spec.corsRules.map((rule) => ({
      AllowedOrigins: rule.allowedOrigins.map((one) => (one.startsWith("${") ? origin : one)),
      AllowedMethods: rule.allowedMethods,
      AllowedHeaders: rule.allowedHeaders,
      ExposeHeaders: rule.exposeHeaders,
      ...(rule.maxAgeSeconds === null ? {} : { MaxAgeSeconds: rule.maxAgeSeconds }),
    }));
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  }
  if (spec.lifecycleRules.length === 0) return;
  const Rules = spec.lifecycleRules.map((rule) => ({
    ID: rule.id,
    Status: "Enabled" as const,
    Filter: { Prefix: rule.prefix },
    ...(rule.expirationDays === null ? {} : { Expiration: { Days: rule.expirationDays } }),
    ...(rule.abortIncompleteMultipartDays === null
      ? {}
      : {
          AbortIncompleteMultipartUpload: {
            DaysAfterInitiation: rule.abortIncompleteMultipartDays,
          },
        }),
  }));
  await client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );
}

async function describeTable(
  client: DynamoDBClient,
  TableName: string,
): Promise<TableDescription | null> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

function toTable(spec: TableSpec) {
  return {
    KeySchema: toKeySchema(spec),
    GlobalSecondaryIndexes: spec.indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: toKeySchema(index),
      Projection: {
        ProjectionType: index.projection,
        ...(index.projection === "INCLUDE" ? { NonKeyAttributes: index.nonKeyAttributes } : {}),
      },
    })),
  };
}

function toKeySchema(spec: { hashKey: string; rangeKey: string | null }): KeySchemaElement[] {
  const hash = { AttributeName: spec.hashKey, KeyType: "HASH" as const };
  if (spec.rangeKey === null) return [hash];
  return [hash, { AttributeName: spec.rangeKey, KeyType: "RANGE" as const }];
}

/** Keys, indexes and projections in one comparable text. */
function shapeOf(table: Pick<TableDescription, "KeySchema" | "GlobalSecondaryIndexes">): string {
  const keysOf = (schema: KeySchemaElement[] = []) => schema.map((key) => key.AttributeName);
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => [
    index.IndexName,
    keysOf(index.KeySchema),
    index.Projection?.ProjectionType,
    [...(index.Projection?.NonKeyAttributes ?? [])].sort(),
  ]);
  return JSON.stringify([keysOf(table.KeySchema), indexes.sort()]);
}
