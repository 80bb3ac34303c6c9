/** The dead-letter function: a relay message whose receives are spent becomes a failure that its creator sees. */
import { deadLetter, parseRelayMessage } from "@clipcast/core/publishing";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "./batch.ts";
import { deadDeps } from "./deps.ts";

const deps = deadDeps();

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deps.log.begin(context);
  return eachMessage(event, deps, {
    name: "dead",
    parse: parseRelayMessage,
    async run(message, record) {
      // A count of "all queues but not deleted"; a message without one still ends its publication.
      const receives = Number.parseInt(record.attributes.ApproximateReceiveCount, 10) || null;
      return { isMarked: await deadLetter(deps, { ...message, receives }) };
    },
  });
}
