/** What watches the system and whom it tells: alarms, their topic, the dashboard. */
import { CfnAlarm, CfnDashboard } from "aws-cdk-lib/aws-cloudwatch";
import { CfnSubscription, CfnTopic, CfnTopicPolicy } from "aws-cdk-lib/aws-sns";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { type Context, logicalId } from "../context.ts";

const topicInputs = z
  // SNS refuses to hear that a standard topic is no FIFO one.
  .strictObject({ fifoTopic: z.literal(false), kmsMasterKeyId: z.string() })
  .transform(({ kmsMasterKeyId }) => ({ kmsMasterKeyId }));

export function defineTopic(context: Context, resource: Resource): void {
  new CfnTopic(context.stack, logicalId(resource), context.read(resource, topicInputs));
}

const topicPolicyInputs = z.strictObject({ arn: z.string(), policy: z.json() });

export function defineTopicPolicy(context: Context, resource: Resource): void {
  const { arn, policy } = context.read(resource, topicPolicyInputs);
  new CfnTopicPolicy(context.stack, logicalId(resource), { topics: [arn], policyDocument: policy });
}

const subscriptionInputs = z
  .strictObject({ topic: z.string(), protocol: z.string(), endpoint: z.string() })
  .transform(({ topic, ...same }) => ({ ...same, topicArn: topic }));

export function defineSubscription(context: Context, resource: Resource): void {
  const inputs = context.read(resource, subscriptionInputs);
  const subscription = new CfnSubscription(context.stack, logicalId(resource), inputs);
  context.answer(subscription, {
    "Serverless-SNSRedrivePolicy":
      "A person's mailbox: SNS retries for hours by itself, nobody would read a queue of undelivered mail, and the alarm stays visible in CloudWatch and on the dashboard.",
  });
}

const alarmInputs = z
  .strictObject({
    alarmActions: z.array(z.string()),
    alarmDescription: z.string(),
    comparisonOperator: z.string(),
    dimensions: z.record(z.string(), z.string()),
    evaluateLowSampleCountPercentiles: z.string().exactOptional(),
    evaluationPeriods: z.number(),
    extendedStatistic: z.string().exactOptional(),
    metricName: z.string(),
    name: z.string(),
    namespace: z.string(),
    okActions: z.array(z.string()),
    period: z.number(),
    statistic: z.string().exactOptional(),
    threshold: z.number(),
    treatMissingData: z.string(),
  })
  .transform(({ name, dimensions, evaluateLowSampleCountPercentiles: percentiles, ...same }) => ({
    ...same,
    alarmName: name,
    dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
    ...(percentiles !== undefined && { evaluateLowSampleCountPercentile: percentiles }),
  }));

export function defineAlarm(context: Context, resource: Resource): void {
  new CfnAlarm(context.stack, logicalId(resource), context.read(resource, alarmInputs));
}

const dashboardInputs = z.strictObject({ dashboardName: z.string(), dashboardBody: z.json() });

export function defineDashboard(context: Context, resource: Resource): void {
  const { dashboardName, dashboardBody } = context.read(resource, dashboardInputs);
  new CfnDashboard(context.stack, logicalId(resource), {
    dashboardName,
    dashboardBody: context.stack.toJsonString(dashboardBody),
  });
}
