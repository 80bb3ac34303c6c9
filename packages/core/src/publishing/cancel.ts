/**
 * Cancelling, with a truthful answer at every state: done at once before bytes are sent, asked for while they are, and
 * left to TikTok's word once it has them all.
 */
import { type TokenFnDeps, withToken } from "../auth/index.ts";
import { VisibleError } from "../errors/index.ts";
import { findOwn, isSettled, type Publication } from "../publications/index.ts";
import { TikTokRefusal } from "../tiktok/index.ts";
import { visible } from "../uploads/index.ts";
import { type ApplyDeps, apply } from "./apply.ts";

export type CancelResult = Publication;

/** Throws `not_cancellable` when the publication has ended or TikTok no longer lets go of it. */
export async function cancel(
  deps: ApplyDeps & TokenFnDeps,
  input: { userId: string; publicationId: string },
): Promise<CancelResult> {
  const stored = await findOwn(deps, input);
  const publication = stored.value;
  if (isSettled(publication.status)) throw tooLate(`It is already ${word(publication.status)}.`);
  if (publication.status === "processing") await askTikTok(deps, publication);
  const applied = await apply(deps, stored, { type: "cancel-requested" });
  if (applied === null || !applied.isApplied) {
    throw tooLate("It has ended in this moment.");
  }
  return applied.publication;
}

async function askTikTok(deps: TokenFnDeps, publication: Publication): Promise<void> {
  const { task } = publication;
  if (task === null) return;
  await visible(async () => {
    try {
      await withToken(deps, publication, (token) => deps.tiktok.cancel(token, task.publishId));
    } catch (error) {
      if (!(error instanceof TikTokRefusal)) throw error;
      throw tooLate("TikTok already has the whole video and is processing it.");
    }
  });
}

function word(status: Publication["status"]): string {
  return status.replace("_", " ");
}

function tooLate(why: string): VisibleError {
  return new VisibleError(
    "conflict",
    "not_cancellable",
    `This post can no longer be cancelled. ${why}`,
  );
}
