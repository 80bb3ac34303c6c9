/** How much waits in a queue. */
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** SQS counts approximately, and so does this. */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

export interface QueueGauge {
  depth(): Promise<QueueDepth>;
}

export function createSqsGauge(options: { client: SQSClient; url: string }): QueueGauge {
  return {
    async depth() {
      const { Attributes = {} } = await options.client.send(
        new GetQueueAttributesCommand({
          QueueUrl: options.url,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
          ],
        }),
      );
      return {
        visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
        inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
        delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
      };
    },
  };
}
