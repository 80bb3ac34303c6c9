import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { createSqsQueue } from "../../../core/src/system/index.ts";
import { describeQueue } from "../../../core/test/contract/queue.ts";
import { startLocalSqs } from "../sqs/local-sqs.ts";

describeQueue("createSqsQueue on local SQS", async () => {
  const { client, clock, create, dispose } = await startLocalSqs();
  const url = await create("relay");
  return {
    queue: createSqsQueue({ client, url }),
    async advance(durationMs) {
      clock.advance(durationMs);
    },
    async receive() {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ["MessageGroupId"],
        }),
      );
      for (const { ReceiptHandle } of Messages) {
        await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
      return Messages.map(({ Body, Attributes }) => ({
        body: Body ?? "",
        groupId: Attributes?.MessageGroupId ?? "",
      }));
    },
    close: dispose,
  };
});
