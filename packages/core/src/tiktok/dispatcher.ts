/** The connection pool of a relay: one connection reads storage and one writes to TikTok, and both stay open. */
import { Agent, type Dispatcher } from "undici";

/** Two at a time per relay, and room for the range that is opened ahead. */
const connectionsPerOrigin = 4;

export function createDispatcher(): Dispatcher {
  return new Agent({ connections: connectionsPerOrigin, pipelining: 1 });
}
