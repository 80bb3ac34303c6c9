/**
 * The relay: one message, one publication, one stream of bytes from the bucket to TikTok; and the function that
 * tells the user when a message has used up its receives.
 */
import { sealTokens, sealUploadUrls } from "./key.ts";
import { lambda } from "./lambda.ts";
import { consume, relayDeadQueue, relayQueue, sendWork } from "./queue.ts";
import { bucket, readVideos, removeVideos } from "./storage.ts";
import { table, useItems } from "./table.ts";
import { workerLinks } from "./worker.ts";

export const relay = new sst.aws.Function("Relay", {
  ...lambda,
  handler: "packages/functions/src/relay.handler",
  description: "Streams one video from the bucket to TikTok",
  // Lambda's maximum: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. A video that needs
  // longer continues in a new message.
  timeout: "15 minutes",
  // By `bench cost`: CPU per byte and RSS as measured here, a vCPU per 1,769 MB by AWS's word, and two assumptions that were not
  // measured: TLS both ways doubles the CPU, and the network ends at 75 MB/s. At this size the network is the end or near it,
  // so that more memory only costs. Half of it would save at most 0.06 % of egress, and only if its network were as
  // fast, which others' measurements deny (bench/cost/bill.ts).
  memory: "512 MB",
  link: workerLinks,
  permissions: [
    useItems,
    ...readVideos,
    ...removeVideos,
    sendWork,
    consume(relayQueue),
    sealTokens,
    sealUploadUrls,
  ],
});

export const relaySubscriber = relayQueue.subscribe(relay.arn, {
  // One video per invocation: a batch would share the 15 minutes.
  batch: { size: 1, partialResponses: true },
  transform: {
    eventSourceMapping: {
      // Caps what runs at once without reserving concurrency, so that waiting messages use up no receives.
      scalingConfig: { maximumConcurrency: 10 },
      // Messages that the relay hands back are no errors of the function: only the mapping counts them.
      metricsConfig: { metrics: ["EventCount"] },
    },
  },
});

export const relayDead = new sst.aws.Function("RelayDead", {
  ...lambda,
  handler: "packages/functions/src/dead.handler",
  description: "Marks a publication failed when its relay has been given up",
  // Ten messages at most, each a few reads and writes.
  timeout: "30 seconds",
  memory: "256 MB",
  link: [table, bucket],
  permissions: [useItems, ...removeVideos, consume(relayDeadQueue)],
});

relayDeadQueue.subscribe(relayDead.arn, { batch: { size: 10, partialResponses: true } });
