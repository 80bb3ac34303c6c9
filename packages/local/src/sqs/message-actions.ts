/**
 * SQS's actions on messages: send, receive, delete, change visibility, and their batches.
 *
 * Owns the limits that SQS answers with codes of their own (sizes, characters, batch rules) and the shape of a
 * received message. An entry of a batch fails alone; a batch that is wrong as a whole fails as a whole.
 */
import type { z } from "zod";
import { type Action, type ActionContext, action, findQueue, parseInput } from "./actions.ts";
import { AwsError } from "./aws-json.ts";
import type { Broker } from "./broker.ts";
import {
  badBatch,
  invalidMessageContents,
  invalidParameterValue,
  messageNotInflight,
  receiptHandleIsInvalid,
} from "./errors.ts";
import * as Queues from "./queue.ts";
import type { Queue } from "./queue-state.ts";
import { decodeReceipt, type Receipt } from "./receipts.ts";
import * as Requests from "./requests.ts";

type SendInput = Omit<z.output<typeof Requests.sendEntry>, "Id">;
type DeleteInput = Omit<z.output<typeof Requests.deleteEntry>, "Id">;
type VisibilityInput = Omit<z.output<typeof Requests.visibilityEntry>, "Id">;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const batchEntryCountMax = 10;
const batchBytesMax = 1_048_576;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const allowedCharacters = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;

export const messageActions: Record<string, Action> = {
  SendMessage: action(Requests.sendMessage, (input, { broker }) =>
    send(broker, findQueue(broker, input.QueueUrl), input),
  ),

  SendMessageBatch: action(Requests.batch, (input, context) => {
    const bytes = input.Entries.reduce((sum, entry) => sum + byteLength(entry.MessageBody), 0);
    if (bytes > batchBytesMax) {
      throw badBatch(
        "BatchRequestTooLong",
        `Batch requests cannot be longer than ${batchBytesMax} bytes. You have sent ${bytes} bytes.`,
      );
    }
    return runBatch(input, context, (queue, entry) =>
      send(context.broker, queue, parseInput(Requests.sendEntry, entry)),
    );
  }),

  ReceiveMessage: action(Requests.receiveMessage, async (input, { broker, signal }) => {
    const queue = findQueue(broker, input.QueueUrl);
    const deliveries = await broker.receive(queue, {
      countMax: input.MaxNumberOfMessages ?? 1,
      waitSeconds: input.WaitTimeSeconds ?? queue.settings.waitSeconds,
      signal,
      ...(input.VisibilityTimeout === undefined
        ? {}
        : { visibilitySeconds: input.VisibilityTimeout }),
    });
    const names = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
    return deliveries.length === 0
      ? {}
      : { Messages: deliveries.map((delivery) => toWire(delivery, new Set(names))) };
  }),

  DeleteMessage: action(Requests.deleteMessage, (input, { broker }) =>
    remove(broker, findQueue(broker, input.QueueUrl), input),
  ),

  DeleteMessageBatch: action(Requests.batch, (input, context) =>
    runBatch(input, context, (queue, entry) =>
      remove(context.broker, queue, parseInput(Requests.deleteEntry, entry)),
    ),
  ),

  ChangeMessageVisibility: action(Requests.changeVisibility, (input, { broker }) =>
    changeVisibility(broker, findQueue(broker, input.QueueUrl), input),
  ),

  ChangeMessageVisibilityBatch: action(Requests.batch, (input, context) =>
    runBatch(input, context, (queue, entry) =>
      changeVisibility(context.broker, queue, parseInput(Requests.visibilityEntry, entry)),
    ),
  ),
};

function send(broker: Broker, queue: Queue, input: SendInput): object {
  const { MessageBody: body } = input;
  if (body === "") {
    throw invalidParameterValue({
      value: '""',
      parameter: "MessageBody",
      reason: "Must not be empty.",
    });
  }
  if (byteLength(body) > queue.settings.messageBytesMax) {
    throw invalidParameterValue({
      value: "(too long)",
      parameter: "MessageBody",
      reason: `Message must be shorter than ${queue.settings.messageBytesMax} bytes.`,
    });
  }
  if (!allowedCharacters.test(body)) {
    throw invalidMessageContents();
  }
  const message = broker.send(queue, {
    body,
    groupId: input.MessageGroupId ?? null,
    ...(input.DelaySeconds === undefined ? {} : { delaySeconds: input.DelaySeconds }),
  });
  return { MessageId: message.id, MD5OfMessageBody: message.bodyMd5 };
}

/** A handle that was valid once always succeeds, whether or not there was still something to delete. */
function remove(broker: Broker, queue: Queue, input: DeleteInput): object {
  Queues.remove(queue, readReceipt(queue, input.ReceiptHandle), broker.clock.nowMs());
  return {};
}

function changeVisibility(broker: Broker, queue: Queue, input: VisibilityInput): object {
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input;
  const nowMs = broker.clock.nowMs();
  const outcome = Queues.changeVisibility(queue, readReceipt(queue, handle), { seconds, nowMs });
  if (outcome === "notInFlight") {
    throw messageNotInflight();
  }
  if (outcome === "unknown") {
    throw invalidParameterValue({
      value: handle,
      parameter: "ReceiptHandle",
      reason: "Message does not exist or is not available for visibility timeout change.",
    });
  }
  if (outcome === "beyondLimit") {
    throw invalidParameterValue({
      value: String(seconds),
      parameter: "VisibilityTimeout",
      reason: "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
    });
  }
  broker.serve();
  return {};
}

function readReceipt(queue: Queue, handle: string): Receipt {
  const receipt = decodeReceipt(handle);
  if (receipt?.queue !== queue.name) {
    throw receiptHandleIsInvalid(handle);
  }
  return receipt;
}

function runBatch(
  input: z.output<typeof Requests.batch>,
  context: ActionContext,
  run: (queue: Queue, entry: object) => object,
): object {
  const queue = findQueue(context.broker, input.QueueUrl);
  const ids = input.Entries.map((entry) => entry.Id);
  demandBatch(ids);
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of input.Entries) {
    try {
      successful.push({ Id: entry.Id, ...run(queue, entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return {
    ...(successful.length === 0 ? {} : { Successful: successful }),
    ...(failed.length === 0 ? {} : { Failed: failed }),
  };
}

function demandBatch(ids: string[]): void {
  if (ids.length === 0) {
    throw badBatch("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (ids.length > batchEntryCountMax) {
    throw badBatch(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${batchEntryCountMax}. You have sent ${ids.length}.`,
    );
  }
  if (new Set(ids).size < ids.length) {
    throw badBatch("BatchEntryIdsNotDistinct", "Two or more entries have the same Id.");
  }
  if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    throw badBatch(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  }
}

function toWire(delivery: Queues.Delivery, names: Set<string>): object {
  const all: Record<string, string> = {
    SenderId: "local",
    SentTimestamp: String(delivery.sentAtMs),
    ApproximateReceiveCount: String(delivery.receiveCount),
    ApproximateFirstReceiveTimestamp: String(delivery.firstReceivedAtMs),
    ...(delivery.groupId === null ? {} : { MessageGroupId: delivery.groupId }),
    ...(delivery.deadLetterSourceArn === null
      ? {}
      : { DeadLetterQueueSourceArn: delivery.deadLetterSourceArn }),
  };
  const chosen = Object.entries(all).filter(([name]) => names.has("All") || names.has(name));
  return {
    MessageId: delivery.id,
    ReceiptHandle: delivery.receiptHandle,
    MD5OfBody: delivery.bodyMd5,
    Body: delivery.body,
    ...(chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) }),
  };
}

function byteLength(body: unknown): number {
  return typeof body === "string" ? Buffer.byteLength(body) : 0;
}
