/**
 * Buckets and who may not use them. What the plan says about a bucket in four resources (CORS, lifecycle, encryption, public
 * access) CloudFormation says in one.
 */
import { CfnBucket, CfnBucketPolicy } from "aws-cdk-lib/aws-s3";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { ownerName, reference } from "../../plan/references.ts";
import { type Context, logicalId } from "../context.ts";

const bucketInputs = z
  // CloudFormation never deletes a bucket that holds something: README says how to empty it first.
  .strictObject({ bucket: z.string().exactOptional(), forceDestroy: z.boolean() })
  .transform(({ bucket }) => (bucket === undefined ? {} : { bucketName: bucket }));

export function defineBucket(context: Context, resource: Resource): void {
  const bucket = new CfnBucket(context.stack, logicalId(resource), {
    ...context.read(resource, bucketInputs),
    ...readPart(context, resource, "bucketPublicAccessBlock:BucketPublicAccessBlock", access),
    ...readPart(context, resource, "bucketCorsConfiguration:BucketCorsConfiguration", cors),
    ...readPart(
      context,
      resource,
      "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      lifecycle,
    ),
    ...readPart(
      context,
      resource,
      "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      encryption,
    ),
  });
  context.applyRemoval(bucket, resource);
  context.answer(bucket, {
    "AwsSolutions-S1":
      "An access log would hold presigned URLs with their signatures, or visits of a public page. Every URL is issued by the API, which logs for whom; the gateway logs each request. Who needs object-level records of the account uses CloudTrail data events.",
  });
}

/** What a resource of its own says about a bucket in the plan, and the bucket itself says in CloudFormation. */
function readPart<T>(context: Context, bucket: Resource, type: string, schema: z.ZodType<T>) {
  const byName = new Map(context.resources.map((resource) => [resource.name, resource]));
  const owner = ownerName(bucket, byName);
  const part = context.findAbout(`aws:s3/${type}`, "bucket", reference(owner, "name"));
  return part && context.read(part, schema);
}

const aboutBucket = { bucket: z.string() };

const access = z
  .strictObject({
    ...aboutBucket,
    blockPublicAcls: z.boolean(),
    blockPublicPolicy: z.boolean(),
    ignorePublicAcls: z.boolean(),
    restrictPublicBuckets: z.boolean(),
  })
  .transform(({ bucket: _, ...block }) => ({ publicAccessBlockConfiguration: block }));

const corsRule = z
  .strictObject({
    allowedHeaders: z.array(z.string()),
    allowedMethods: z.array(z.string()),
    allowedOrigins: z.array(z.string()),
    exposeHeaders: z.array(z.string()),
    maxAgeSeconds: z.number(),
  })
  .transform(({ exposeHeaders, maxAgeSeconds, ...same }) => ({
    ...same,
    exposedHeaders: exposeHeaders,
    maxAge: maxAgeSeconds,
  }));

const cors = z
  .strictObject({ ...aboutBucket, corsRules: z.array(corsRule) })
  .transform(({ corsRules }) => ({ corsConfiguration: { corsRules } }));

const lifecycleRule = z
  .strictObject({
    id: z.string(),
    status: z.string(),
    filter: z.strictObject({ prefix: z.string() }).exactOptional(),
    expiration: z.strictObject({ days: z.number() }).exactOptional(),
    abortIncompleteMultipartUpload: z
      .strictObject({ daysAfterInitiation: z.number() })
      .exactOptional(),
  })
  .transform(({ filter, expiration, ...same }) => ({
    ...same,
    ...(filter && { prefix: filter.prefix }),
    ...(expiration && { expirationInDays: expiration.days }),
  }));

const lifecycle = z
  .strictObject({ ...aboutBucket, rules: z.array(lifecycleRule) })
  .transform(({ rules }) => ({ lifecycleConfiguration: { rules } }));

const encryption = z
  .strictObject({
    ...aboutBucket,
    rules: z.array(
      z
        .strictObject({
          applyServerSideEncryptionByDefault: z.strictObject({ sseAlgorithm: z.string() }),
        })
        .transform((rule) => ({
          serverSideEncryptionByDefault: rule.applyServerSideEncryptionByDefault,
        })),
    ),
  })
  .transform(({ rules }) => ({ bucketEncryption: { serverSideEncryptionConfiguration: rules } }));

const statementInputs = z.looseObject({
  Condition: z.record(z.string(), z.record(z.string(), z.array(z.string()))).optional(),
});

const policyInputs = z.strictObject({
  bucket: z.string(),
  policy: z.looseObject({ Statement: z.array(statementInputs) }),
});

export function defineBucketPolicy(context: Context, resource: Resource): void {
  const { bucket, policy } = context.read(resource, policyInputs);
  const policyDocument = { ...policy, Statement: policy.Statement.map(unlistConditions) };
  new CfnBucketPolicy(context.stack, logicalId(resource), { bucket, policyDocument });
}

/** `["false"]` → `"false"`: to IAM the same, to cdk-nag not. */
function unlistConditions(statement: z.infer<typeof statementInputs>) {
  const { Condition, ...same } = statement;
  if (Condition === undefined) return same;
  const unlisted = Object.entries(Condition).map(([test, values]) => [
    test,
    Object.fromEntries(
      Object.entries(values).map(([key, list]) => [key, list.length === 1 ? list[0] : list]),
    ),
  ]);
  return { ...same, Condition: Object.fromEntries(unlisted) };
}
