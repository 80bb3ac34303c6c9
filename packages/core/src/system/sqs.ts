/** The queue port over SQS. Retries are the SDK's; a duplicate message is harmless by design of every consumer. */
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Queue } from "./index.ts";

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
  };
}
