/** What keeps data: keys and tables. Buckets have a file of their own. */
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { CfnKey } from "aws-cdk-lib/aws-kms";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { type Context, logicalId } from "../context.ts";

const keyInputs = z
  .strictObject({
    description: z.string(),
    deletionWindowInDays: z.number(),
    enableKeyRotation: z.boolean(),
    // A key without one gets AWS's own: rights are given by the functions' roles.
    policy: z.json().exactOptional(),
  })
  .transform(({ deletionWindowInDays, policy, ...same }) => ({
    ...same,
    pendingWindowInDays: deletionWindowInDays,
    ...(policy !== undefined && { keyPolicy: policy }),
  }));

export function defineKey(context: Context, resource: Resource): void {
  const key = new CfnKey(context.stack, logicalId(resource), context.read(resource, keyInputs));
  context.applyRemoval(key, resource);
}

const tableInputs = z
  .strictObject({
    attributes: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    billingMode: z.string(),
    deletionProtectionEnabled: z.boolean(),
    globalSecondaryIndexes: z.array(
      z.strictObject({
        name: z.string(),
        hashKey: z.string(),
        rangeKey: z.string().exactOptional(),
        projectionType: z.string(),
        nonKeyAttributes: z.array(z.string()).exactOptional(),
      }),
    ),
    hashKey: z.string(),
    rangeKey: z.string().exactOptional(),
    localSecondaryIndexes: z.tuple([]),
    pointInTimeRecovery: z.strictObject({ enabled: z.boolean() }),
    streamEnabled: z.literal(false),
    ttl: z.strictObject({ attributeName: z.string(), enabled: z.boolean() }),
  })
  .transform((table) => ({
    attributeDefinitions: table.attributes.map(({ name, type }) => ({
      attributeName: name,
      attributeType: type,
    })),
    billingMode: table.billingMode,
    deletionProtectionEnabled: table.deletionProtectionEnabled,
    keySchema: toKeySchema(table),
    globalSecondaryIndexes: table.globalSecondaryIndexes.map(
      ({ name, projectionType, nonKeyAttributes, ...keys }) => ({
        indexName: name,
        keySchema: toKeySchema(keys),
        projection: { projectionType, ...(nonKeyAttributes && { nonKeyAttributes }) },
      }),
    ),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: table.pointInTimeRecovery.enabled,
    },
    timeToLiveSpecification: table.ttl,
  }));

function toKeySchema({ hashKey, rangeKey }: { hashKey: string; rangeKey?: string }) {
  const hash = { attributeName: hashKey, keyType: "HASH" };
  return rangeKey === undefined ? [hash] : [hash, { attributeName: rangeKey, keyType: "RANGE" }];
}

export function defineTable(context: Context, resource: Resource): void {
  const inputs = context.read(resource, tableInputs);
  const table = new CfnTable(context.stack, logicalId(resource), inputs);
  context.applyRemoval(table, resource);
}
