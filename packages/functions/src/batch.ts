/**
 * An SQS batch as Lambda delivers it: each message by itself, and only those that failed are named, so that the others
 * are not delivered again. Each leaves one line in the log, with what came of it and how long it took.
 */
import type { Clock, Log, LogFields } from "@clipcast/core/system";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

interface BatchWork<Message> {
  /** What its lines are called. */
  name: string;
  parse(body: string): Message;
  /** Answers what came of it, for the log. */
  run(message: Message, record: SQSRecord): Promise<LogFields>;
}

/**
 * Runs `work` for each message, one after the other. A message that `parse` refuses is not ours and is dropped: it will
 * be as wrong at its next delivery.
 */
export async function eachMessage<Message extends { publicationId: string }>(
  event: SQSEvent,
  deps: { log: Log; clock: Clock },
  work: BatchWork<Message>,
): Promise<SQSBatchResponse> {
  const { log, clock } = deps;
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of event.Records) {
    const { messageId } = record;
    const message = parsed(record.body, work.parse);
    if (message === null) {
      log.event("message.malformed", { messageId });
      continue;
    }
    const { publicationId } = message;
    const startedMs = clock.nowMs();
    try {
      const fields = await work.run(message, record);
      const durationMs = clock.nowMs() - startedMs;
      log.event(work.name, { publicationId, ...fields, durationMs });
    } catch (error) {
      const durationMs = clock.nowMs() - startedMs;
      const code = error instanceof Error ? error.name : "unknown";
      const stack = error instanceof Error ? error.stack : undefined;
      log.event("message.failed", { publicationId, messageId, code, durationMs, stack });
      batchItemFailures.push({ itemIdentifier: messageId });
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
