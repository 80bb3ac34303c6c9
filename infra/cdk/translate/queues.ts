/** Queues and who may not use them. */
import { CfnQueue, CfnQueuePolicy } from "aws-cdk-lib/aws-sqs";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { type Context, logicalId } from "../context.ts";

const queueInputs = z
  .strictObject({
    delaySeconds: z.number(),
    messageRetentionSeconds: z.number(),
    sqsManagedSseEnabled: z.boolean(),
    visibilityTimeoutSeconds: z.number(),
    redrivePolicy: z
      .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() })
      .exactOptional(),
    // SQS refuses to hear that a standard queue is none of FIFO.
    contentBasedDeduplication: z.literal(false),
    fifoQueue: z.literal(false),
  })
  .transform((queue) => ({
    delaySeconds: queue.delaySeconds,
    messageRetentionPeriod: queue.messageRetentionSeconds,
    sqsManagedSseEnabled: queue.sqsManagedSseEnabled,
    visibilityTimeout: queue.visibilityTimeoutSeconds,
    ...(queue.redrivePolicy && { redrivePolicy: queue.redrivePolicy }),
  }));

export function defineQueue(context: Context, resource: Resource): void {
  const inputs = context.read(resource, queueInputs);
  const queue = new CfnQueue(context.stack, logicalId(resource), inputs);
  // cdk-nag sees by itself which queues are the dead-letter queues of others.
  const isTarget = context.system.queues.some(
    ({ deadLetter }) => deadLetter?.queue === resource.parent,
  );
  const reason =
    "Its messages are hints to ask TikTok earlier; a lost one costs minutes, because the poller settles every publication that is due. Keeping dead hints would keep nothing of value.";
  if (inputs.redrivePolicy === undefined) {
    context.answer(queue, {
      "Serverless-SQSRedrivePolicy": isTarget ? lastStop : reason,
      ...(!isTarget && { "AwsSolutions-SQS3": reason }),
    });
  }
}

const lastStop =
  "It is the dead-letter queue of another. A message that RelayDead cannot handle stays for 14 days and raises DeadLettersStuck.";

const policyInputs = z.strictObject({ policy: z.json(), queueUrl: z.string() });

export function defineQueuePolicy(context: Context, resource: Resource): void {
  const { policy, queueUrl } = context.read(resource, policyInputs);
  new CfnQueuePolicy(context.stack, logicalId(resource), {
    queues: [queueUrl],
    policyDocument: policy,
  });
}
