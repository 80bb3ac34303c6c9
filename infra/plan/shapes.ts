/**
 * The shapes in which SST hands the resources of a system to the provider, and how each reads in the plan's own terms.
 * An input of another shape fails with the resource's name: SST has changed, or infra uses something new.
 */
import { z } from "zod";
import type { Resource } from "./plan.ts";
import { parseReference } from "./references.ts";

/**
 * All resources of a type, parsed, by name. `name` is the one that readers of infra/*.ts know, the component's; `resource` is
 * the resource's own.
 */
export function select<T extends object>(
  resources: Resource[],
  type: string,
  schema: z.ZodType<T>,
): (T & { name: string; resource: string })[] {
  return resources
    .filter((resource) => resource.type === type)
    .map(({ name, parent, inputs }) => {
      const parsed = schema.safeParse(inputs);
      if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`);
      return { name: parent ?? name, resource: name, ...parsed.data };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const days = z
  .number()
  .int()
  .nullish()
  .transform((value) => value ?? null);
const seconds = z.number().int();

/** A whole-string reference, reduced to its owner: `${Relay.arn}` → `Relay`. */
export const owner = z.string().transform((value, context) => {
  const reference = parseReference(value);
  if (reference) return reference.owner;
  context.addIssue(`${value} is not a reference to a resource of this plan`);
  return z.NEVER;
});

export const table = z
  .object({
    attributes: z.array(z.object({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
    hashKey: z.string(),
    rangeKey: z.string().optional(),
    globalSecondaryIndexes: z.array(
      z.object({
        name: z.string(),
        hashKey: z.string(),
        rangeKey: z.string().optional(),
        projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
        nonKeyAttributes: z.array(z.string()).default([]),
      }),
    ),
    ttl: z.object({ attributeName: z.string(), enabled: z.literal(true) }).optional(),
    pointInTimeRecovery: z.object({ enabled: z.boolean() }),
    deletionProtectionEnabled: z.boolean().default(false),
  })
  .transform((table) => ({
    hashKey: table.hashKey,
    rangeKey: table.rangeKey ?? null,
    fields: Object.fromEntries(table.attributes.map((field) => [field.name, field.type])),
    indexes: table.globalSecondaryIndexes.map(({ projectionType, rangeKey = null, ...index }) => ({
      ...index,
      rangeKey,
      projection: projectionType,
    })),
    ttlAttribute: table.ttl?.attributeName ?? null,
    pointInTimeRecovery: table.pointInTimeRecovery.enabled,
    deletionProtection: table.deletionProtectionEnabled,
  }));

export const queue = z
  .object({
    visibilityTimeoutSeconds: seconds,
    // SQS's own default, four days, where SST says nothing.
    messageRetentionSeconds: seconds.default(4 * 24 * 60 * 60),
    delaySeconds: seconds,
    sqsManagedSseEnabled: z.boolean().default(false),
    kmsMasterKeyId: z.string().optional(),
    redrivePolicy: z
      .object({ deadLetterTargetArn: owner, maxReceiveCount: z.number().int() })
      .optional(),
  })
  .transform(({ redrivePolicy, sqsManagedSseEnabled, kmsMasterKeyId, ...queue }) => ({
    ...queue,
    encrypted: sqsManagedSseEnabled || kmsMasterKeyId !== undefined,
    deadLetter: redrivePolicy
      ? { queue: redrivePolicy.deadLetterTargetArn, maxReceiveCount: redrivePolicy.maxReceiveCount }
      : null,
  }));

export const key = z
  .object({ enableKeyRotation: z.boolean().default(false) })
  .transform((key) => ({ rotation: key.enableKeyRotation }));

export const eventSource = z
  .object({
    functionName: owner,
    eventSourceArn: owner,
    batchSize: z.number().int(),
    maximumBatchingWindowInSeconds: seconds,
    scalingConfig: z.object({ maximumConcurrency: z.number().int() }).optional(),
    functionResponseTypes: z.array(z.string()),
  })
  .transform((source) => ({
    function: source.functionName,
    queue: source.eventSourceArn,
    batchSize: source.batchSize,
    batchWindowSeconds: source.maximumBatchingWindowInSeconds,
    maximumConcurrency: source.scalingConfig?.maximumConcurrency ?? null,
    partialResponses: source.functionResponseTypes.includes("ReportBatchItemFailures"),
  }));

export const schedule = z
  .object({ scheduleExpression: z.string(), target: z.object({ arn: owner }) })
  .transform((schedule) => ({
    function: schedule.target.arn,
    expression: schedule.scheduleExpression,
  }));

export const edgeRoute = z.object({ entry: z.string().optional() });

export const cors = z.object({
  bucket: owner,
  corsRules: z.array(
    z.object({
      allowedOrigins: z.array(z.string()),
      allowedMethods: z.array(z.string()),
      allowedHeaders: z.array(z.string()),
      exposeHeaders: z.array(z.string()),
      maxAgeSeconds: days,
    }),
  ),
});

export const lifecycle = z.object({
  bucket: owner,
  rules: z.array(
    z
      .object({
        id: z.string(),
        status: z.literal("Enabled"),
        filter: z.object({ prefix: z.string() }).optional(),
        expiration: z.object({ days }).optional(),
        abortIncompleteMultipartUpload: z.object({ daysAfterInitiation: days }).optional(),
      })
      .transform((rule) => ({
        id: rule.id,
        prefix: rule.filter?.prefix ?? "",
        expirationDays: rule.expiration?.days ?? null,
        abortIncompleteMultipartDays:
          rule.abortIncompleteMultipartUpload?.daysAfterInitiation ?? null,
      })),
  ),
});

export const encryption = z.object({
  bucket: owner,
  rules: z.array(
    z.object({ applyServerSideEncryptionByDefault: z.object({ sseAlgorithm: z.string() }) }),
  ),
});

export const logGroup = z.object({ retentionInDays: z.number().int().positive() });

export const integration = z.object({ integrationUri: owner });
export const route = z.object({ routeKey: z.string(), target: z.string() });

export const lambda = z.object({
  timeout: seconds,
  memorySize: z.number().int(),
  runtime: z.string(),
  architectures: z.tuple([z.enum(["arm64", "x86_64"])]),
  reservedConcurrentExecutions: z.number().int().nullish(),
  environment: z.object({ variables: z.record(z.string(), z.string()) }),
  role: owner,
});

export const role = z.object({
  inlinePolicies: z.array(
    z.object({
      policy: z.object({
        Statement: z.array(
          z.object({
            Effect: z.literal("Allow"),
            Action: z.array(z.string()),
            Resource: z.array(z.string()),
            Condition: z.record(z.string(), z.record(z.string(), z.array(z.string()))).optional(),
          }),
        ),
      }),
    }),
  ),
});
