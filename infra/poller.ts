/**
 * How outcomes are learnt: the poller looks each minute at everything that is due and also requeues relays whose
 * lease ran out; quick checks arrive seconds after an upload through delayed messages.
 */
import { sealTokens } from "./key.ts";
import { lambda } from "./lambda.ts";
import { checkQueue, consume, sendChecks, sendWork } from "./queue.ts";
import { removeVideos } from "./storage.ts";
import { queryDue, useItems } from "./table.ts";
import { workerLinks } from "./worker.ts";

export const poller = new sst.aws.Function("Poller", {
  ...lambda,
  handler: "packages/functions/src/poller.handler",
  description: "Settles what is due and requeues relays whose lease ran out",
  // It works for up to 55 of these and leaves the rest for the next minute.
  timeout: "60 seconds",
  memory: "512 MB",
  link: workerLinks,
  permissions: [useItems, queryDue, ...removeVideos, sendWork, sealTokens],
});

// A run that fails is not retried: the next one is a minute away and finds the same items.
new sst.aws.CronV2("PollerSchedule", { schedule: "rate(1 minute)", function: poller.arn });

export const check = new sst.aws.Function("Check", {
  ...lambda,
  handler: "packages/functions/src/check.handler",
  description: "Asks TikTok about one publication soon after its upload",
  // A batch asks TikTok ten times at most. What a slow TikTok leaves undone comes again, or the poller does it.
  timeout: "60 seconds",
  memory: "512 MB",
  link: workerLinks,
  permissions: [useItems, ...removeVideos, sendChecks, consume(checkQueue), sealTokens],
});

checkQueue.subscribe(check.arn, {
  batch: { size: 10, partialResponses: true },
  // A burst of checks shall leave room for relays and creators; a late one is no loss.
  transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: 5 } } },
});
