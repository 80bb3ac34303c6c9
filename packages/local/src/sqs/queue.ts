/**
 * One standard queue: sending, receiving, deleting, and how long a receiver may keep a message.
 *
 * Pure: no timer, no randomness and no I/O; the caller passes the time and the ids. Each operation first lets happen
 * what time has brought, so nothing depends on being called punctually. Waiting receivers and other queues belong to
 * the broker.
 *
 *          send       ┌───────┐       receive        ┌───────────┐   remove
 *   ─────────────────▶│ ready │─────────────────────▶│ in flight │──────────▶ gone
 *   ──▶ delayed ─────▶│       │◀─────────────────────│           │
 *                     └───────┘  visibility over     └───────────┘
 *                         └── a receive that finds all its receives spent ──▶ dead (another queue's)
 *
 * Everything lives in memory. A restart loses messages, by design: the table is the truth, and the poller queues again
 * whatever still has work to do.
 */
import { createHash } from "node:crypto";
import * as Lanes from "./lanes.ts";
import {
  createMessage,
  erase,
  type Message,
  placeHidden,
  placeReady,
  type Queue,
  settle,
  unplace,
} from "./queue-state.ts";
import { encodeReceipt, type Receipt } from "./receipts.ts";

/** What a receiver gets: the message as it was at that receive. */
export type Delivery = Readonly<Message> & { readonly receiptHandle: string };

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const inFlightCountMax = 120_000;
/** SQS has no such limit; this machine's memory has. */
export const messageCountMax = 1_000_000;
/** A receive may hide a message for 12 hours in all, extensions included. */
const visibilityMsMax = 43_200_000;

export type NewMessage = {
  id: string;
  body: string;
  groupId: string | null;
  delaySeconds?: number;
};

export function send(queue: Queue, input: NewMessage, nowMs: number): Message {
  settle(queue, nowMs);
  const message = createMessage(queue, {
    id: input.id,
    body: input.body,
    bodyMd5: createHash("md5").update(input.body).digest("hex"),
    groupId: input.groupId,
    sentAtMs: nowMs,
    deadLetterSourceArn: null,
    priorReceiveCount: 0,
    receiveCount: 0,
    firstReceivedAtMs: null,
  });
  const delaySeconds = input.delaySeconds ?? queue.settings.delaySeconds;
  if (delaySeconds > 0) {
    placeHidden(queue, message, { state: "delayed", untilMs: nowMs + delaySeconds * 1000 });
  } else {
    placeReady(queue, message);
  }
  return message;
}

/** Takes in a message that died elsewhere: same id, same age, and its receives still count for the reader. */
export function adopt(queue: Queue, dead: Message, sourceArn: string): void {
  const message = createMessage(queue, {
    ...dead,
    deadLetterSourceArn: sourceArn,
    priorReceiveCount: dead.receiveCount,
  });
  placeReady(queue, message);
}

/**
 * Hands out up to `countMax` ready messages, in fair order. Messages whose receives are spent come back as `dead`:
 * they have left this queue, and the caller owes them to the dead-letter queue.
 */
export function receive(
  queue: Queue,
  options: { countMax: number; visibilitySeconds?: number },
  nowMs: number,
): { deliveries: Delivery[]; dead: Message[] } {
  settle(queue, nowMs);
  const hiddenMs = (options.visibilitySeconds ?? queue.settings.visibilityTimeoutSeconds) * 1000;
  const countMax = Math.min(options.countMax, inFlightCountMax - queue.depth.inFlight);
  const taken: Message[] = [];
  const dead: Message[] = [];
  while (taken.length < countMax) {
    const message = Lanes.take(queue.lanes);
    if (message === undefined) {
      break;
    }
    unplace(queue, message);
    if (isSpent(queue, message)) {
      queue.messageById.delete(message.id);
      Lanes.release(queue.lanes, message);
      dead.push(message);
    } else {
      taken.push(message);
    }
  }
  // Placed only now: with a visibility of 0 the loop above would hand out one message again and again.
  const deliveries = taken.map((message) => deliver(queue, message, { hiddenMs, nowMs }));
  settle(queue, nowMs);
  return { deliveries, dead };
}

/**
 * Deletes the message of a receipt, also after its visibility ran out, as long as nobody received it since. A stale
 * handle deletes nothing, and SQS still answers success ("might not be deleted"): the caller sees no difference.
 */
export function remove(queue: Queue, receipt: Receipt, nowMs: number): boolean {
  settle(queue, nowMs);
  const message = current(queue, receipt);
  if (message === undefined) {
    return false;
  }
  erase(queue, message);
  return true;
}

export type VisibilityOutcome = "changed" | "unknown" | "notInFlight" | "beyondLimit";

/** Counts the new visibility from now; 0 gives the message back at once. */
export function changeVisibility(
  queue: Queue,
  receipt: Receipt,
  options: { seconds: number; nowMs: number },
): VisibilityOutcome {
  const { seconds, nowMs } = options;
  settle(queue, nowMs);
  const message = current(queue, receipt);
  if (message === undefined) {
    return "unknown";
  }
  if (message.state !== "inFlight") {
    return "notInFlight";
  }
  const visibleAtMs = nowMs + seconds * 1000;
  if (visibleAtMs > (message.lastReceivedAtMs ?? nowMs) + visibilityMsMax) {
    return "beyondLimit";
  }
  unplace(queue, message);
  placeHidden(queue, message, { state: "inFlight", untilMs: visibleAtMs });
  settle(queue, nowMs);
  return "changed";
}

export function purge(queue: Queue): void {
  for (const message of [...queue.messageById.values()]) {
    erase(queue, message);
  }
}

function deliver(
  queue: Queue,
  message: Message,
  options: { hiddenMs: number; nowMs: number },
): Delivery {
  const { hiddenMs, nowMs } = options;
  message.receiveCount += 1;
  message.firstReceivedAtMs ??= nowMs;
  message.lastReceivedAtMs = nowMs;
  placeHidden(queue, message, { state: "inFlight", untilMs: nowMs + hiddenMs });
  const receiptHandle = encodeReceipt({
    queue: queue.name,
    messageId: message.id,
    receiveNumber: message.receiveCount,
  });
  return { ...message, receiptHandle };
}

function isSpent(queue: Queue, message: Message): boolean {
  const { redrive } = queue.settings;
  return (
    redrive !== null && message.receiveCount - message.priorReceiveCount >= redrive.receiveCountMax
  );
}

/** The message of a receipt, unless it is gone or was received again. */
function current(queue: Queue, receipt: Receipt): Message | undefined {
  const message = queue.messageById.get(receipt.messageId);
  return message?.receiveCount === receipt.receiveNumber ? message : undefined;
}
