/**
 * The end of a relay message whose receives are spent: its creator must see a failure, unless somebody is still at work
 * on the publication or is known to come back to it.
 */
import { loadPublication } from "../publications/index.ts";
import { type ApplyDeps, apply } from "./apply.ts";
import type { RelayMessage } from "./messages.ts";
import { inDoubt, mayBeDelivered } from "./task.ts";

/** Answers whether the publication was marked as failed. */
export async function deadLetter(deps: ApplyDeps, message: RelayMessage): Promise<boolean> {
  const stored = await loadPublication(deps, message);
  if (stored === null) return false;
  const { status, lease, waiting } = stored.value;
  const isHeld = lease !== null && lease.expiresAtMs > deps.clock.nowMs();
  if ((status !== "queued" && status !== "relaying") || isHeld || waiting !== null) return false;
  const failure = {
    code: "relay_failed",
    message: "Sending the video to TikTok failed several times. Try again later.",
    isRetryable: true,
  };
  const event = {
    type: "failed" as const,
    failure: mayBeDelivered(stored.value) ? inDoubt(failure) : failure,
  };
  const applied = await apply(deps, stored.key, event);
  return applied?.isApplied ?? false;
}
