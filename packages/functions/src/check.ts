/** The check function: quick status checks by delayed messages, and those that webhooks ask for. */
import { check, parseCheckMessage } from "@clipcast/core/publishing";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "./batch.ts";
import { workerDeps } from "./deps.ts";

const deps = workerDeps();

export function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  return eachMessage(event, deps.log, parseCheckMessage, (message) => check(deps, message));
}
