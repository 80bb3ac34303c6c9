/** The check function: quick status checks by delayed messages, and those that webhooks ask for. */
import { check, parseCheckMessage } from "@clipcast/core/publishing";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "./batch.ts";
import { workerDeps } from "./deps.ts";

const deps = workerDeps();

export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  deps.log.begin(context);
  return eachMessage(event, deps, {
    name: "check",
    parse: parseCheckMessage,
    async run(message) {
      await check(deps, message);
      // What has changed is told by the publication's own line.
      return { check: message.check };
    },
  });
}
