/** The queue port over SQS. Retries are the SDK's; a duplicate message is harmless by design of every consumer. */
import { GetQueueAttributesCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod/mini";
import type { Queue } from "./index.ts";

const counts = z.object({
  ApproximateNumberOfMessages: z.coerce.number().check(z.int(), z.minimum(0)),
});

export function createSqsQueue(options: { client: SQSClient; url: string }): Queue {
  return {
    async send(message) {
      await options.client.send(
        new SendMessageCommand({
          QueueUrl: options.url,
          MessageBody: message.body,
          MessageGroupId: message.groupId,
          DelaySeconds: message.delaySeconds,
        }),
      );
    },
    async waiting() {
      const AttributeNames = ["ApproximateNumberOfMessages" as const];
      const command = new GetQueueAttributesCommand({ QueueUrl: options.url, AttributeNames });
      const { Attributes } = await options.client.send(command);
      return counts.parse(Attributes).ApproximateNumberOfMessages;
    },
  };
}
