/**
 * How outcomes are learnt: the poller looks each minute at everything that is due and also requeues relays whose
 * lease ran out; quick checks arrive seconds after an upload through delayed messages.
 */
import { sealTokens } from "./key.ts";
import { lambda } from "./lambda.ts";
import { checkQueue, consume, countWork, sendChecks, sendWork } from "./queue.ts";
import { removeVideos } from "./storage.ts";
import { queryDue, readTogether, useItems } from "./table.ts";
import { workerLinks } from "./worker.ts";

export const poller = new sst.aws.Function("Poller", {
  ...lambda,
  handler: "packages/functions/src/poller.handler",
  description: "Settles what is due and requeues relays whose lease ran out",
  // It begins nothing in the last 25 of these (`pollReserveMs`) and leaves that to the next minute.
  timeout: "60 seconds",
  // For the CPU that comes with it, a vCPU per 1,769 MB by AWS's word: a thousand due at once take 3.7 s of a whole core here
  // (`bench poller`), without the TLS that is taken to double them. So 13 s of a tick at this, and 26 s at 512 MB, too near
  // its end. Idle ticks cost two cents a month (`bench cost`), and a tick that is all CPU costs the same at either.
  memory: "1024 MB",
  link: workerLinks,
  permissions: [useItems, readTogether, queryDue, ...removeVideos, sendWork, countWork, sealTokens],
});

// A run that fails is not retried: the next one is a minute away and finds the same items.
new sst.aws.CronV2("PollerSchedule", { schedule: "rate(1 minute)", function: poller.arn });

export const check = new sst.aws.Function("Check", {
  ...lambda,
  handler: "packages/functions/src/check.handler",
  description: "Asks TikTok about one publication soon after its upload",
  // A batch asks TikTok ten times at most. What a slow TikTok leaves undone comes again, or the poller does it.
  timeout: "60 seconds",
  // It mostly waits for TikTok, and nobody waits for it: waiting costs half of what it did at 512 MB. It uses 110 MB here
  // (`bench cost`).
  memory: "256 MB",
  link: workerLinks,
  permissions: [useItems, ...removeVideos, sendChecks, consume(checkQueue), sealTokens],
});

checkQueue.subscribe(check.arn, {
  batch: { size: 10, partialResponses: true },
  // A burst of checks shall leave room for relays and creators; a late one is no loss.
  transform: { eventSourceMapping: { scalingConfig: { maximumConcurrency: 5 } } },
});
