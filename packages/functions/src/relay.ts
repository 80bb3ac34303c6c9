/** The relay function: one message of the RelayQueue, one publication's bytes to TikTok. */
import { parseRelayMessage, relay } from "@clipcast/core/publishing";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "./batch.ts";
import { relayDeps } from "./deps.ts";

const deps = relayDeps();

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  return eachMessage(event, deps.log, parseRelayMessage, async (message) => {
    const deadlineMs = deps.clock.nowMs() + context.getRemainingTimeInMillis();
    const owner = context.awsRequestId;
    const result = await relay(deps, { ...message, owner, deadlineMs });
    deps.log.event("relay", { publicationId: message.publicationId, result });
  });
}
