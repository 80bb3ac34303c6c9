/** The two pushes for one publication: its relay message sent again, and TikTok asked now. */
import { type TokenFnDeps, withToken } from "../auth/index.ts";
import { FatalError, RetryableError, VisibleError } from "../errors/index.ts";
import { isSettled, type Publication } from "../publications/index.ts";
import {
  type ApplyDeps,
  check,
  isWaiting,
  sendRelay,
  takePlace,
  turnReason,
} from "../publishing/index.ts";
import { explain, type TaskStatus, TikTokRefusal } from "../tiktok/index.ts";
import { findPublication } from "./story.ts";

/**
 * Sends the relay message again. The message carries no state and a relay needs the lease, so one too many is harmless.
 * Throws `not_waiting` where it could do nothing, with what it waits for instead.
 */
export async function requeue(deps: ApplyDeps, id: string): Promise<Publication> {
  const { value: publication } = await findPublication(deps, id);
  const { status, lease, waiting } = publication;
  const nowMs = deps.clock.nowMs();
  if (isSettled(status)) throw useless(`It is ${status}. A failed one is redriven or retried.`);
  if (status === "uploading") throw useless("Its upload is not complete.");
  if (status === "processing") throw useless("TikTok has the whole video: ask TikTok instead.");
  if (lease !== null && lease.expiresAtMs > nowMs) throw useless("A relay is sending it now.");
  // A wait for the user's other videos may end at any time, and a relay looks whether it has.
  if (isWaiting(publication, deps) && waiting?.reason !== turnReason) {
    throw useless(`A relay would wait as well (${waiting?.reason}): it goes on by itself.`);
  }
  await sendRelay(deps, publication);
  deps.log.event("operator.requeued", { publicationId: publication.id });
  return publication;
}

export interface Asked {
  publication: Publication;
  tiktok: TaskStatus;
}

/**
 * TikTok's own word about the task, now. It settles a publication that is in `processing` and finds the link of a published
 * one; for any other it is only told, since a terminal state never changes.
 */
export async function ask(deps: ApplyDeps & TokenFnDeps, id: string): Promise<Asked> {
  const { value: publication } = await findPublication(deps, id);
  const { task, status, postIds } = publication;
  if (task === null) throw useless("TikTok has no task of this publication.");
  const waitMs = await takePlace(deps, publication, "status");
  if (waitMs > 0) {
    throw new VisibleError(
      "too-many",
      "rate_limited",
      "TikTok allows 30 such questions a minute.",
      {
        retryAfterMs: waitMs,
      },
    );
  }
  const tiktok = await told(() =>
    withToken(deps, publication, (token) => deps.tiktok.status(token, task.publishId)),
  );
  const hasNews = status === "processing" && tiktok.stage !== "uploading";
  const hasLink = status === "published" && postIds.length === 0 && tiktok.postIds.length > 0;
  if (!hasNews && !hasLink) return { publication, tiktok };
  // The one function that settles asks once more itself.
  const { userId } = publication;
  await check(deps, { userId, publicationId: publication.id, check: null });
  return { publication: (await findPublication(deps, publication.id)).value, tiktok };
}

/** Why TikTok gives no answer, in words for an operator. */
async function told(question: () => Promise<TaskStatus>): Promise<TaskStatus> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof TikTokRefusal) {
      const why = `TikTok refuses (${error.code}): ${explain(error.code).message}`;
      throw new VisibleError("conflict", error.code, why, { cause: error });
    }
    if (error instanceof FatalError) {
      throw new VisibleError("conflict", error.code, error.message, { cause: error });
    }
    if (!(error instanceof RetryableError)) throw error;
    throw new VisibleError("unavailable", error.code, error.message, {
      cause: error,
      retryAfterMs: error.retryAfterMs,
    });
  }
}

function useless(why: string): VisibleError {
  return new VisibleError("conflict", "not_waiting", why);
}
