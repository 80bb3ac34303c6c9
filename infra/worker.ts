/** What every function that works on publications is linked to: relay, check and poller these alone, the API these and more. */
import { sealKey } from "./key.ts";
import { checkQueue, relayQueue } from "./queue.ts";
import { tikTokClientKey, tikTokClientSecret } from "./secrets.ts";
import { tikTok } from "./settings.ts";
import { bucket } from "./storage.ts";
import { table } from "./table.ts";

export const workerLinks = [
  table,
  bucket,
  relayQueue,
  checkQueue,
  sealKey,
  tikTokClientKey,
  tikTokClientSecret,
  tikTok,
];
