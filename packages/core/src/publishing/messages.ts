/**
 * The queue messages. They carry ids, never state: the record is read again by whoever receives one, so a duplicate,
 * late or lost message changes nothing but the time.
 */
import * as z from "zod/mini";
import type { Publication } from "../publications/index.ts";
import { type Queue, queueDelaySecondsMax } from "../system/index.ts";

export interface QueueDeps {
  relayQueue: Queue;
  checkQueue: Queue;
}

const relayMessage = z.strictObject({ userId: z.string(), publicationId: z.string() });
const checkMessage = z.strictObject({
  userId: z.string(),
  publicationId: z.string(),
  /** Which quick check of the schedule this is; null for one that a webhook asked for. */
  check: z.nullable(z.int()),
});
export type RelayMessage = z.infer<typeof relayMessage>;
export type CheckMessage = z.infer<typeof checkMessage>;

type Ids = Pick<Publication, "userId" | "id">;

/** Throws a zod error for anything that we did not send. */
export function parseRelayMessage(body: string): RelayMessage {
  return relayMessage.parse(JSON.parse(body));
}

export function parseCheckMessage(body: string): CheckMessage {
  return checkMessage.parse(JSON.parse(body));
}

export function sendRelay(
  deps: Pick<QueueDeps, "relayQueue">,
  { userId, id }: Ids,
  delayMs = 0,
): Promise<void> {
  const message: RelayMessage = { userId, publicationId: id };
  return deps.relayQueue.send(queued(message, delayMs));
}

export function sendCheck(
  deps: Pick<QueueDeps, "checkQueue">,
  { userId, id }: Ids,
  options: { check: number | null; delayMs: number },
): Promise<void> {
  const message: CheckMessage = { userId, publicationId: id, check: options.check };
  return deps.checkQueue.send(queued(message, options.delayMs));
}

function queued(message: { userId: string }, delayMs: number) {
  const delaySeconds = Math.min(queueDelaySecondsMax, Math.ceil(delayMs / 1000));
  return { body: JSON.stringify(message), groupId: message.userId, delaySeconds };
}
