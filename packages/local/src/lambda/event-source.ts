/**
 * The SQS event-source mapping: takes messages from a queue, gives them to a function in batches,
 * and deletes what succeeded.
 *
 * As on AWS, a failed invocation deletes nothing, a partial response keeps only the named messages,
 * and what is kept comes back after the queue's visibility timeout. Redelivery and dead letters are
 * the queue's own business.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import type { Result } from "./process.ts";

export type EventSourceOptions = {
  sqs: SQSClient;
  queueUrl: string;
  queueArn: string;
  region: string;
  batchSize: number;
  batchWindowSeconds: number;
  maximumConcurrency: number | null;
  /** ReportBatchItemFailures. */
  partialResponses: boolean;
  invoke(payload: Buffer): Promise<Pick<Result, "functionError" | "payload">>;
  /** Told when a queue or a function could not be reached, one sentence each. */
  onProblem(line: string): void;
  /** Between two attempts to reach a queue that does not answer. */
  retryDelayMs?: number;
};

export type EventSource = {
  /** Takes nothing new; resolves when every batch in flight has ended. */
  close(): Promise<void>;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const receiveCountMax = 10;
const longPollSeconds = 20;
/** Lambda starts with five pollers and scales; one machine stops here. */
const unlimitedConcurrency = 10;

export function startEventSource(options: EventSourceOptions): EventSource {
  const closing = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const concurrencyMax = options.maximumConcurrency ?? unlimitedConcurrency;

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      if (inFlight.size >= concurrencyMax) {
        await Promise.race(inFlight);
        continue;
      }
      const messages = await collect(options, closing.signal);
      if (messages.length === 0) continue;
      const delivery = deliver(options, messages).finally(() => inFlight.delete(delivery));
      inFlight.add(delivery);
    }
    await Promise.all(inFlight);
  }

  const ended = run();
  return {
    close() {
      closing.abort();
      return ended;
    },
  };
}

/** One batch: full, or as full as the window allows; empty when nothing came or the source closes. */
async function collect(options: EventSourceOptions, signal: AbortSignal): Promise<Message[]> {
  const batch: Message[] = [];
  let windowEndMs = Number.POSITIVE_INFINITY;
  while (batch.length < options.batchSize && !signal.aborted) {
    const remainingSeconds = Math.ceil((windowEndMs - Date.now()) / 1000);
    if (remainingSeconds <= 0) break;
    try {
      const command = new ReceiveMessageCommand({
        QueueUrl: options.queueUrl,
        MaxNumberOfMessages: Math.min(receiveCountMax, options.batchSize - batch.length),
        WaitTimeSeconds: Math.min(longPollSeconds, remainingSeconds),
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      });
      const { Messages = [] } = await options.sqs.send(command, { abortSignal: signal });
      if (batch.length === 0 && Messages.length === 0) return [];
      if (batch.length === 0) windowEndMs = Date.now() + options.batchWindowSeconds * 1000;
      batch.push(...Messages);
    } catch (error) {
      if (signal.aborted) break;
      options.onProblem(`queue ${options.queueArn} does not answer: ${messageOf(error)}`);
      await sleep(options.retryDelayMs ?? 1000, undefined, { signal }).catch(() => undefined);
      break;
    }
  }
  return batch;
}

async function deliver(options: EventSourceOptions, messages: Message[]): Promise<void> {
  try {
    const event = { Records: messages.map((message) => toRecord(message, options)) };
    const result = await options.invoke(Buffer.from(JSON.stringify(event)));
    const ids = messages.map((message) => message.MessageId ?? "");
    const failed = findFailedIds(ids, result, options.partialResponses);
    const done = messages.filter((message) => !failed.has(message.MessageId ?? ""));
    for (let index = 0; index < done.length; index += receiveCountMax) {
      const entries = done.slice(index, index + receiveCountMax).map((message, position) => ({
        Id: String(position),
        ReceiptHandle: message.ReceiptHandle ?? "",
      }));
      const { queueUrl: QueueUrl } = options;
      await options.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: entries }));
    }
  } catch (error) {
    // Refused by the function's concurrency, or the queue is gone: the messages come back by themselves.
    options.onProblem(`a batch from ${options.queueArn} was not taken: ${messageOf(error)}`);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html: the record as a function sees it. */
function toRecord(message: Message, options: EventSourceOptions): object {
  const messageAttributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue && Buffer.from(value.BinaryValue).toString("base64"),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(messageAttributes),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: options.queueArn,
    awsRegion: options.region,
  };
}

const partialResponse = z
  .object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
  })
  .nullish();

/**
 * Which messages stay in the queue. A response that is not understood, or that names a message which
 * is not in the batch, fails the whole batch:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function findFailedIds(
  ids: string[],
  result: Pick<Result, "functionError" | "payload">,
  partialResponses: boolean,
): Set<string> {
  if (result.functionError !== null) return new Set(ids);
  if (!partialResponses) return new Set();
  const response = partialResponse.safeParse(parseJson(result.payload));
  if (!response.success) return new Set(ids);
  const failed = (response.data?.batchItemFailures ?? []).map((item) => item.itemIdentifier);
  return failed.every((id) => ids.includes(id)) ? new Set(failed) : new Set(ids);
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return "not JSON";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
