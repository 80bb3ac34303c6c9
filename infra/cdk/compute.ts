/**
 * What runs: functions with their roles and logs, the queues and schedules that start them.
 */
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping, CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { z } from "zod";
import type { FunctionSpec } from "../plan/system.ts";
import type { Context } from "./context.ts";

/** Bundled code by function name. */
export type Bundles = Record<string, { directory: string; handler: string }>;

export function defineFunctions(context: Context, bundles: Bundles): void {
  for (const spec of context.system.functions) {
    const bundle = bundles[spec.name];
    if (bundle === undefined) throw new Error(`${spec.name} has no bundle`);
    defineFunction(context, spec, bundle);
  }
  defineEventSources(context);
  defineSchedules(context);
}

const lambdaInputs = z.object({
  description: z.string(),
  loggingConfig: z.object({ logFormat: z.string() }),
});
const logInputs = z.object({ retentionInDays: z.number().int() });

function defineFunction(context: Context, spec: FunctionSpec, bundle: Bundles[string]): void {
  const { stack } = context;
  const type = "aws:lambda/function:Function";
  const { description, loggingConfig } = context.inputs(type, spec.name, lambdaInputs);
  const logGroup = new CfnLogGroup(
    stack,
    `${spec.name}Logs`,
    context.inputs("aws:cloudwatch/logGroup:LogGroup", spec.name, logInputs),
  );
  const code = new Asset(stack, `${spec.name}Code`, { path: bundle.directory });
  const lambda = new CfnFunction(stack, spec.name, {
    description,
    role: defineRole(context, spec).attrArn,
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    handler: bundle.handler,
    runtime: spec.runtime,
    architectures: [spec.architecture],
    timeout: spec.timeoutSeconds,
    memorySize: spec.memoryMb,
    environment: { variables: { ...spec.environment, ...linkVariables(context, spec) } },
    loggingConfig: { logFormat: loggingConfig.logFormat, logGroup: logGroup.ref },
    ...(spec.reservedConcurrency !== null && {
      reservedConcurrentExecutions: spec.reservedConcurrency,
    }),
  });
  context.provide(spec.name, { arn: lambda.attrArn, name: lambda.ref });
}

const roleInputs = z.object({
  assumeRolePolicy: z.json(),
  managedPolicyArns: z.array(z.string()),
});

function defineRole(context: Context, spec: FunctionSpec): CfnRole {
  const role = context.inputs("aws:iam/role:Role", spec.name, roleInputs);
  return new CfnRole(context.stack, `${spec.name}Role`, {
    assumeRolePolicyDocument: role.assumeRolePolicy,
    managedPolicyArns: role.managedPolicyArns,
    policies: [inlinePolicy(context, spec.permissions)],
  });
}

function inlinePolicy(context: Context, permissions: FunctionSpec["permissions"]) {
  const Statement = permissions.map(({ actions, resources, conditions }) => ({
    Effect: "Allow",
    Action: actions,
    Resource: context.resolve(resources),
    ...(conditions && { Condition: conditions }),
  }));
  return { policyName: "inline", policyDocument: { Version: "2012-10-17", Statement } };
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

const reference = z.strictObject({ ref: z.string() });

function resolveLink(context: Context, value: unknown): unknown {
  const parsed = reference.safeParse(value);
  if (parsed.success) return context.value(parsed.data.ref);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveLink(context, item)]),
  );
}

function defineEventSources(context: Context): void {
  for (const source of context.system.eventSources) {
    new CfnEventSourceMapping(context.stack, `${source.function}From${source.queue}`, {
      functionName: context.value(`${source.function}.arn`),
      eventSourceArn: context.value(`${source.queue}.arn`),
      batchSize: source.batchSize,
      maximumBatchingWindowInSeconds: source.batchWindowSeconds,
      functionResponseTypes: source.partialResponses ? ["ReportBatchItemFailures"] : [],
      ...(source.maximumConcurrency !== null && {
        scalingConfig: { maximumConcurrency: source.maximumConcurrency },
      }),
    });
  }
}

const scheduleInputs = z.object({
  state: z.string(),
  flexibleTimeWindow: z.object({ mode: z.string() }),
  target: z.object({
    input: z.string(),
    retryPolicy: z.object({ maximumRetryAttempts: z.number().int() }),
  }),
});

function defineSchedules(context: Context): void {
  for (const schedule of context.system.schedules) {
    const arn = context.value(`${schedule.function}.arn`);
    const { assumeRolePolicy } = context.inputs(
      "aws:iam/role:Role",
      schedule.name,
      roleInputs.pick({ assumeRolePolicy: true }),
    );
    const role = new CfnRole(context.stack, `${schedule.name}Role`, {
      assumeRolePolicyDocument: assumeRolePolicy,
      policies: [inlinePolicy(context, [{ actions: ["lambda:InvokeFunction"], resources: [arn] }])],
    });
    const type = "aws:scheduler/schedule:Schedule";
    const { target, ...settings } = context.inputs(type, schedule.name, scheduleInputs);
    new CfnSchedule(context.stack, schedule.name, {
      ...settings,
      scheduleExpression: schedule.expression,
      target: { ...target, arn, roleArn: role.attrArn },
    });
  }
}
