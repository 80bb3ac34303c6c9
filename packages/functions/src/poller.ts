/** The poller function: once a minute, whatever is due. */
import { poll, pollReserveMs } from "@clipcast/core/publishing";
import type { Context } from "aws-lambda";
import { workerDeps } from "./deps.ts";

const deps = workerDeps({ gathersReads: true });

export async function handler(_event: unknown, context: Context): Promise<void> {
  deps.log.begin(context);
  const remainingMs = context.getRemainingTimeInMillis() - pollReserveMs;
  await poll(deps, { deadlineMs: deps.clock.nowMs() + Math.max(1_000, remainingMs) });
}
