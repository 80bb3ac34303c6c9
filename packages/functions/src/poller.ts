/** The poller function: once a minute, whatever is due. */
import { poll } from "@clipcast/core/publishing";
import type { Context } from "aws-lambda";
import { workerDeps } from "./deps.ts";

const deps = workerDeps();

/** Left for the pushes under way when the deadline comes: a call to TikTok may take 20 s. */
const deadlineReserveMs = 25_000;

export async function handler(_event: unknown, context: Context): Promise<void> {
  deps.log.begin(context);
  const remainingMs = context.getRemainingTimeInMillis() - deadlineReserveMs;
  await poll(deps, { deadlineMs: deps.clock.nowMs() + Math.max(1_000, remainingMs) });
}
