/** The relay function: one message of the RelayQueue, one publication's bytes to TikTok. */
import { parseRelayMessage, relay } from "@clipcast/core/publishing";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "./batch.ts";
import { relayDeps } from "./deps.ts";

const deps = relayDeps();

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deps.log.begin(context);
  return eachMessage(event, deps, {
    name: "relay",
    parse: parseRelayMessage,
    async run(message) {
      const deadlineMs = deps.clock.nowMs() + context.getRemainingTimeInMillis();
      const owner = context.awsRequestId;
      return { result: await relay(deps, { ...message, owner, deadlineMs }) };
    },
  });
}
