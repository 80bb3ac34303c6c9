/** What the functions that work on publications are linked to: relay, check and poller. */
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
