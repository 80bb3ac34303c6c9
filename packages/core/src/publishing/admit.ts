/**
 * Who may begin to relay. Asked before the lease is taken, so that whoever has to wait, for TikTok's window or for other
 * videos of the same user, costs one invocation of a few milliseconds, keeps its fence and counts as no fruitless run.
 */
import { revise, type StoredPublication } from "../publications/index.ts";
import type { Log } from "../system/index.ts";
import { type Refusal, refusalOf } from "./hold.ts";
import type { QueueDeps } from "./messages.ts";
import { comeBack, isTooOld, isWaiting, parked, turnReason, type Wait } from "./park.ts";
import { awaitPlace } from "./rate.ts";
import type { TaskDeps } from "./task.ts";
import { endTurn, takeTurn } from "./turns.ts";

type AdmitDeps = TaskDeps & Pick<QueueDeps, "relayQueue"> & { log: Log };

/** `admitted`: the invocation holds a turn, which it must end. */
export type Admission = "admitted" | "parked" | Refusal;

export async function admit(
  deps: AdmitDeps,
  stored: StoredPublication,
  owner: string,
): Promise<Admission> {
  const { value: publication } = stored;
  const { userId, id: publicationId, waiting, task } = publication;
  const passTurnOn = () => endTurn(deps, { userId, publicationId, owner }, { isKept: false });

  const refusal = refusalOf(publication, deps);
  if (refusal !== null) {
    // It may have been woken for a turn that it cannot use: it has ended, or waits for TikTok's window by now.
    if (refusal !== "busy") await passTurnOn();
    return refusal;
  }
  // Nothing is sent for a cancellation, so it waits for nothing.
  if (publication.cancelRequestedAtMs !== null) return "admitted";
  // Whoever has waited for a cap too long asks TikTok once more, and fails with its answer.
  if (task === null && !isTooOld(publication, deps)) {
    const isNew = publication.status === "queued" && waiting === null;
    const wait = await awaitPlace(deps, publication, isNew ? "first" : "again");
    if (wait !== null) {
      if (waiting?.reason === turnReason) await passTurnOn();
      return parkUnheld(deps, stored, wait);
    }
  }
  const waitMs = await takeTurn(deps, publication, owner);
  if (waitMs === 0) return "admitted";
  // Its own message is still to come; another one would only multiply them.
  if (isWaiting(publication, deps)) return "waiting";
  return parkUnheld(deps, stored, { reason: turnReason, waitMs });
}

/** Leaves the lease alone: an expired one tells the next holder that the last one fell silent. */
async function parkUnheld(
  deps: AdmitDeps,
  stored: StoredPublication,
  wait: Wait,
): Promise<Admission> {
  let refusal: Refusal | null = null;
  const written = await revise(deps, stored.key, (publication) => {
    refusal = refusalOf(publication, deps);
    return refusal === null ? parked(publication, wait, deps.clock.nowMs()) : null;
  });
  if (refusal !== null || written === null) return refusal ?? "settled";
  await comeBack(deps, written.value, wait);
  return "parked";
}
