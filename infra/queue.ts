/**
 * The queues. RelayQueue moves a publication from "uploaded" to TikTok; what fails for good lands in RelayDeadQueue
 * and is told to the user. CheckQueue carries quick status checks: hints that may be lost, because the poller is the truth.
 */
import { denyPlainHttp } from "./tls.ts";

const dayInSeconds = 24 * 60 * 60;

// The link carries the url and no rights: SST's own would grant sqs:* on the queue.
sst.Linkable.wrap(sst.aws.Queue, (queue) => ({ properties: { url: queue.url } }));

export const relayDeadQueue = new sst.aws.Queue("RelayDeadQueue", {
  visibilityTimeout: "3 minutes",
  transform: {
    // A message keeps its age when it moves here, so this queue must remember longer than the one before it.
    queue: { messageRetentionSeconds: 14 * dayInSeconds, sqsManagedSseEnabled: true },
  },
});

export const relayQueue = new sst.aws.Queue("RelayQueue", {
  // Above the relay's timeout, or a second relay would start while the first still runs. Recovery after a crash does
  // not wait for this: the poller requeues a publication whose lease has run out.
  visibilityTimeout: "16 minutes",
  // A deployment or a bad hour may cost a few receives before a video is given up.
  dlq: { queue: relayDeadQueue.arn, retry: 5 },
  transform: { queue: { messageRetentionSeconds: 4 * dayInSeconds, sqsManagedSseEnabled: true } },
});

export const checkQueue = new sst.aws.Queue("CheckQueue", {
  visibilityTimeout: "2 minutes",
  // Longer than SQS's longest delay (15 minutes); an older hint is worth nothing.
  transform: { queue: { messageRetentionSeconds: 60 * 60, sqsManagedSseEnabled: true } },
});

for (const [name, queue] of Object.entries({ relayDeadQueue, relayQueue, checkQueue })) {
  new aws.sqs.QueuePolicy(`${name.replace(/^./, (letter) => letter.toUpperCase())}Policy`, {
    queueUrl: queue.url,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [denyPlainHttp("sqs:*", queue.arn)],
    }),
  });
}

/** Ask for a relay, and for a status check. */
export const sendWork = {
  actions: ["sqs:SendMessage"],
  resources: [relayQueue.arn, checkQueue.arn],
};

/** Ask how many videos wait for a relay. */
export const countWork = {
  actions: ["sqs:GetQueueAttributes"],
  resources: [relayQueue.arn],
};

export const sendChecks = { actions: ["sqs:SendMessage"], resources: [checkQueue.arn] };

/** What an event-source mapping does on behalf of the function it feeds. */
export function consume(queue: sst.aws.Queue) {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    resources: [queue.arn],
  };
}
