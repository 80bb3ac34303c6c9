/**
 * What keeps data: keys, buckets, tables and queues.
 */
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { CfnKey } from "aws-cdk-lib/aws-kms";
import { CfnBucket, CfnBucketPolicy } from "aws-cdk-lib/aws-s3";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import { z } from "zod";
import type { BucketSpec, QueueSpec, TableSpec } from "../plan/system.ts";
import type { Context } from "./context.ts";

const keyInputs = z.object({
  description: z.string(),
  deletionWindowInDays: z.number().int(),
  policy: z.json().optional(),
});

/** Of a key that says nothing, as the provider's own default: rights are given by the functions' roles. */
const accountPolicy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::\${AWS.accountId}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
};

export function defineKeys(context: Context): void {
  for (const spec of context.system.keys) {
    const type = "aws:kms/key:Key";
    const { description, deletionWindowInDays, policy } = context.inputs(
      type,
      spec.name,
      keyInputs,
    );
    const key = new CfnKey(context.stack, spec.name, {
      description,
      pendingWindowInDays: deletionWindowInDays,
      enableKeyRotation: spec.rotation,
      keyPolicy: context.resolve(policy ?? accountPolicy),
    });
    context.applyRemoval(key, context.resource(type, spec.name));
    context.provide(spec.name, { arn: key.attrArn });
  }
}

export function defineBuckets(context: Context): void {
  for (const spec of context.system.buckets) {
    const type = "aws:s3/bucket:Bucket";
    const { bucket: bucketName } = context.inputs(type, spec.name, nameInputs);
    const bucket = new CfnBucket(context.stack, spec.name, {
      bucketName: context.resolve(bucketName),
      publicAccessBlockConfiguration: context.inputs(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        spec.name,
        accessInputs,
      ),
      corsConfiguration: { corsRules: context.resolve(spec.corsRules).map(toCorsRule) },
      lifecycleConfiguration: { rules: spec.lifecycleRules.map(toLifecycleRule) },
    });
    context.applyRemoval(bucket, context.resource(type, spec.name));
    context.provide(spec.name, { name: bucket.ref, arn: bucket.attrArn });
    const { policy } = context.inputs("aws:s3/bucketPolicy:BucketPolicy", spec.name, policyInputs);
    new CfnBucketPolicy(context.stack, `${spec.name}Policy`, {
      bucket: bucket.ref,
      policyDocument: context.resolve(policy),
    });
  }
}

const nameInputs = z.object({ bucket: z.string() });
const policyInputs = z.object({ policy: z.json() });
const accessInputs = z.object({
  blockPublicAcls: z.boolean(),
  blockPublicPolicy: z.boolean(),
  ignorePublicAcls: z.boolean(),
  restrictPublicBuckets: z.boolean(),
});

function toCorsRule(rule: BucketSpec["corsRules"][number]): CfnBucket.CorsRuleProperty {
  const { exposeHeaders, maxAgeSeconds, ...same } = rule;
  return {
    ...same,
    exposedHeaders: exposeHeaders,
    ...(maxAgeSeconds !== null && { maxAge: maxAgeSeconds }),
  };
}

function toLifecycleRule(rule: BucketSpec["lifecycleRules"][number]): CfnBucket.RuleProperty {
  const { id, prefix, expirationDays, abortIncompleteMultipartDays } = rule;
  return {
    id,
    status: "Enabled",
    ...(prefix !== "" && { prefix }),
    ...(expirationDays !== null && { expirationInDays: expirationDays }),
    ...(abortIncompleteMultipartDays !== null && {
      abortIncompleteMultipartUpload: { daysAfterInitiation: abortIncompleteMultipartDays },
    }),
  };
}

const tableInputs = z.object({
  billingMode: z.string(),
  deletionProtectionEnabled: z.boolean(),
});

export function defineTables(context: Context): void {
  for (const spec of context.system.tables) {
    const type = "aws:dynamodb/table:Table";
    const table = new CfnTable(context.stack, spec.name, {
      ...context.inputs(type, spec.name, tableInputs),
      keySchema: toKeySchema(spec),
      attributeDefinitions: Object.entries(spec.fields).map(([attributeName, attributeType]) => ({
        attributeName,
        attributeType,
      })),
      globalSecondaryIndexes: spec.indexes.map((index) => ({
        indexName: index.name,
        keySchema: toKeySchema(index),
        projection: {
          projectionType: index.projection,
          ...(index.projection === "INCLUDE" && { nonKeyAttributes: index.nonKeyAttributes }),
        },
      })),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: spec.pointInTimeRecovery },
      ...(spec.ttlAttribute !== null && {
        timeToLiveSpecification: { attributeName: spec.ttlAttribute, enabled: true },
      }),
    });
    context.applyRemoval(table, context.resource(type, spec.name));
    context.provide(spec.name, { name: table.ref, arn: table.attrArn });
  }
}

function toKeySchema({ hashKey, rangeKey }: Pick<TableSpec, "hashKey" | "rangeKey">) {
  const hash = { attributeName: hashKey, keyType: "HASH" };
  return rangeKey === null ? [hash] : [hash, { attributeName: rangeKey, keyType: "RANGE" }];
}

const queueInputs = z.object({ sqsManagedSseEnabled: z.boolean() });

export function defineQueues(context: Context): void {
  // A dead-letter queue first: the queue before it names its ARN.
  const isTarget = (spec: QueueSpec) =>
    context.system.queues.some((queue) => queue.deadLetter?.queue === spec.name);
  const ordered = [...context.system.queues].sort(
    (a, b) => Number(isTarget(b)) - Number(isTarget(a)),
  );
  for (const spec of ordered) {
    const queue = new CfnQueue(context.stack, spec.name, {
      ...context.inputs("aws:sqs/queue:Queue", spec.name, queueInputs),
      visibilityTimeout: spec.visibilityTimeoutSeconds,
      messageRetentionPeriod: spec.messageRetentionSeconds,
      delaySeconds: spec.delaySeconds,
      ...(spec.deadLetter !== null && {
        redrivePolicy: {
          deadLetterTargetArn: context.value(`${spec.deadLetter.queue}.arn`),
          maxReceiveCount: spec.deadLetter.maxReceiveCount,
        },
      }),
    });
    context.provide(spec.name, { name: queue.attrQueueName, arn: queue.attrArn, url: queue.ref });
  }
}
