/** What runs: functions with their roles and logs, the queues and schedules that start them. */
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping, CfnFunction, CfnPermission } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { reference } from "../../plan/references.ts";
import type { FunctionSpec } from "../../plan/system.ts";
import { type Context, logicalId } from "../context.ts";

const functionInputs = z
  .strictObject({
    architectures: z.array(z.string()),
    description: z.string(),
    environment: z.strictObject({ variables: z.record(z.string(), z.string()) }),
    ephemeralStorage: z.strictObject({ size: z.number() }),
    handler: z.string(),
    loggingConfig: z.strictObject({ logFormat: z.string(), logGroup: z.string() }),
    memorySize: z.number(),
    packageType: z.string(),
    publish: z.literal(false),
    reservedConcurrentExecutions: z.number().exactOptional(),
    role: z.string(),
    runtime: z.string(),
    s3Bucket: z.string(),
    s3Key: z.string(),
    timeout: z.number(),
  })
  // The code is an asset. SST's own variables carry the links, which are set below in the open.
  .transform(({ publish: _, s3Bucket: __, s3Key: ___, environment, ...same }) => ({
    ...same,
    variables: Object.fromEntries(
      Object.entries(environment.variables).filter(([key]) => !key.startsWith("SST_")),
    ),
  }));

export function defineFunction(context: Context, resource: Resource): void {
  const { stack, system, artifacts } = context;
  const spec = system.functions.find(({ name }) => name === resource.parent);
  const bundle = artifacts.bundles[resource.parent ?? ""];
  if (spec === undefined || bundle === undefined) throw new Error(`${resource.name} has no code`);
  const { variables, ...inputs } = context.read(resource, functionInputs);
  if (bundle.handler !== inputs.handler) {
    throw new Error(`${resource.name} expects ${inputs.handler}, its code has ${bundle.handler}`);
  }
  const code = new Asset(stack, `${spec.name}Code`, { path: bundle.directory });
  const lambda = new CfnFunction(stack, logicalId(resource), {
    ...inputs,
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    environment: { variables: { ...variables, ...linkVariables(context, spec) } },
  });
  const isScheduled = system.schedules.some((schedule) => schedule.function === spec.name);
  context.answer(lambda, {
    "Serverless-LambdaDLQ": isScheduled
      ? "The schedule calls it every minute and its event says nothing: what one run leaves undone the next one finds, and PollerErrors and PollerSilent raise an alarm."
      : "It is called synchronously, by the gateway or by a queue's mapping; Lambda's dead letters are for asynchronous calls. What fails stays in its queue.",
    "Serverless-LambdaTracing":
      "Nobody reads traces: each outcome is one log line with its publication, code and duration, and metrics tell the rest. Tracing needs xray actions on every resource (*), which no role here has.",
  });
}

/** The same variables that the local host sets: SST's `Resource` reads them on first use. */
function linkVariables(context: Context, spec: FunctionSpec): Record<string, string> {
  const { app: name, stage, links } = context.system;
  const values = spec.links.map((link) => [link, resolveLink(context, links[link])] as const);
  return Object.fromEntries(
    [["App", { name, stage }] as const, ...values].map(([link, value]) => [
      `SST_RESOURCE_${link}`,
      context.stack.toJsonString(value),
    ]),
  );
}

const linkedValue = z.strictObject({ ref: z.string() });

function resolveLink(context: Context, value: unknown): unknown {
  const parsed = linkedValue.safeParse(value);
  if (parsed.success) return context.resolve(`\${${parsed.data.ref}}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveLink(context, item)]),
  );
}

const roleInputs = z.strictObject({
  assumeRolePolicy: z.json(),
  inlinePolicies: z
    .array(
      z
        .strictObject({ name: z.string(), policy: z.json() })
        .transform(({ name, policy }) => ({ policyName: name, policyDocument: policy })),
    )
    .exactOptional(),
  managedPolicyArns: z.array(z.string()).exactOptional(),
});

export function defineRole(context: Context, resource: Resource): void {
  const { assumeRolePolicy, inlinePolicies, managedPolicyArns } = context.read(
    resource,
    roleInputs,
  );
  const role = new CfnRole(context.stack, logicalId(resource), {
    assumeRolePolicyDocument: assumeRolePolicy,
    ...(inlinePolicies && { policies: inlinePolicies }),
    ...(managedPolicyArns && { managedPolicyArns }),
  });
  for (const arn of managedPolicyArns ?? []) {
    const reason = managedPolicyReasons[arn];
    if (reason) context.answer(role, { [`AwsSolutions-IAM4[Policy::${arn}]`]: reason });
  }
  if (JSON.stringify(resource.inputs).includes(`${reference("Bucket", "arn")}/*`)) {
    context.answer(role, {
      "AwsSolutions-IAM5[Resource::<BucketBucket.Arn>/*]":
        "Keys of objects are made up as creators upload, so that a role can only name them by wildcard. The bucket holds videos on their way and nothing else, and each action is named.",
    });
  }
}

const managedPolicyReasons: Record<string, string> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole":
    "Its three actions create log groups and streams and write to them: it reads nothing and deletes nothing. AWS keeps it for exactly this, and SST gives it to every function.",
};

export function defineLogGroup(context: Context, resource: Resource): void {
  const inputs = context.read(resource, z.strictObject({ retentionInDays: z.number() }));
  const logGroup = new CfnLogGroup(context.stack, logicalId(resource), inputs);
  context.applyRemoval(logGroup, resource);
}

const permissionInputs = z
  .strictObject({
    action: z.string(),
    function: z.string(),
    principal: z.string(),
    qualifier: z.null(),
    sourceArn: z.string(),
  })
  .transform(({ function: functionName, qualifier: _, ...same }) => ({ ...same, functionName }));

export function definePermission(context: Context, resource: Resource): void {
  const inputs = context.read(resource, permissionInputs);
  new CfnPermission(context.stack, logicalId(resource), inputs);
}

const eventSourceInputs = z.strictObject({
  batchSize: z.number(),
  eventSourceArn: z.string(),
  functionName: z.string(),
  functionResponseTypes: z.array(z.string()),
  maximumBatchingWindowInSeconds: z.number(),
  metricsConfig: z.strictObject({ metrics: z.array(z.string()) }).exactOptional(),
  scalingConfig: z.strictObject({ maximumConcurrency: z.number() }).exactOptional(),
});

export function defineEventSource(context: Context, resource: Resource): void {
  const inputs = context.read(resource, eventSourceInputs);
  const source = new CfnEventSourceMapping(context.stack, logicalId(resource), inputs);
  context.answer(source, {
    "Serverless-LambdaEventSourceMappingDestination":
      "Such destinations are for streams and Kafka; Lambda takes none for SQS. What fails again and again goes where the queue's redrive policy says.",
  });
}

const scheduleInputs = z.strictObject({
  flexibleTimeWindow: z.strictObject({ mode: z.string() }),
  scheduleExpression: z.string(),
  state: z.string(),
  target: z.strictObject({
    arn: z.string(),
    input: z.string(),
    retryPolicy: z.strictObject({ maximumRetryAttempts: z.number() }),
    roleArn: z.string(),
  }),
});

export function defineSchedule(context: Context, resource: Resource): void {
  const inputs = context.read(resource, scheduleInputs);
  new CfnSchedule(context.stack, logicalId(resource), inputs);
}
