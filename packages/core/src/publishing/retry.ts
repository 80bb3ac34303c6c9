/** Another attempt, on the creator's word, after a failure that posted nothing. The video need not be uploaded again. */
import { VisibleError } from "../errors/index.ts";
import { attemptsMax, findOwn, isSettled, type Publication } from "../publications/index.ts";
import { type ApplyDeps, apply } from "./apply.ts";

/** Throws `not_retryable`, with what to do instead. */
export async function retry(
  deps: ApplyDeps,
  input: { userId: string; publicationId: string },
): Promise<Publication> {
  const stored = await findOwn(deps, input);
  const applied = await apply(deps, stored, { type: "retried" });
  if (applied === null || !applied.isApplied) throw refusal(applied?.publication ?? stored.value);
  return applied.publication;
}

function refusal({ status, failure, attempt, upload }: Publication): VisibleError {
  if (!isSettled(status)) return notRetryable("It is still under way.");
  if (status !== "failed") return notRetryable(`It is already ${status.replace("_", " ")}.`);
  if (failure?.isRetryable !== true)
    return notRetryable("Trying the same video again cannot help.");
  if (attempt >= attemptsMax)
    return notRetryable(`It has been tried ${attemptsMax} times; upload it again.`);
  const isGone = upload.isRemoved || upload.etag === null;
  return notRetryable(isGone ? "The video is no longer stored; upload it again." : "Try again.");
}

function notRetryable(why: string): VisibleError {
  return new VisibleError("conflict", "not_retryable", `This post cannot be tried again. ${why}`);
}
