/**
 * An SQS batch as Lambda delivers it: each message by itself, and only those that failed are named, so that the others
 * are not delivered again.
 */
import type { Log } from "@clipcast/core/system";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

/**
 * Runs `work` for each message, one after the other. A message that `parse` refuses is not ours and is dropped: it will
 * be as wrong at its next delivery.
 */
export async function eachMessage<Message>(
  event: SQSEvent,
  log: Log,
  parse: (body: string) => Message,
  work: (message: Message, record: SQSRecord) => Promise<void>,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of event.Records) {
    const message = parsed(record.body, parse);
    if (message === null) {
      log.event("message.malformed", { messageId: record.messageId });
      continue;
    }
    try {
      await work(message, record);
    } catch (error) {
      const name = error instanceof Error ? error.name : "unknown";
      const stack = error instanceof Error ? error.stack : undefined;
      log.event("message.failed", { messageId: record.messageId, error: name, stack });
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}

function parsed<Message>(body: string, parse: (body: string) => Message): Message | null {
  try {
    return parse(body);
  } catch {
    return null;
  }
}
