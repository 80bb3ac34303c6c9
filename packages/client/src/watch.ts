/**
 * Follows a publication until it is settled, asking often while things move and seldom while they do not. A public
 * post's link follows its outcome by seconds or minutes; that is waited for as well, for a while.
 *
 * The pause between two questions is half the time since the last change, within bounds: a relay that moves bytes is
 * seen every two seconds, a moderation that takes hours costs two requests a minute.
 */
import type { PublicationView } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import { ApiError, NetworkError } from "./errors.ts";
import { backoffMs } from "./retry.ts";
import { type Runtime, systemRuntime, untilOnline } from "./runtime.ts";

export type WatchOptions = {
  signal?: AbortSignal;
  intervalMsMin?: number;
  intervalMsMax?: number;
  runtime?: Runtime;
};

/** A day at the longest interval; TikTok's moderation takes hours at most. */
const questionsMax = 3_000;
/** Failures in a row before the watch gives up with the last of them: about six minutes. */
const failuresMax = 15;
/** Moderation mostly takes less; who looks later finds the link by loading the publication again. */
const linkPatienceMs = 15 * 60_000;
const retry = { attemptsMax: failuresMax, baseMs: 1_000, capMs: 60_000 };

/** Whether the link of a published post is still to come. */
export function isLinkExpected(view: PublicationView, nowMs: number): boolean {
  const { status, post, postUrl, history, updatedAtMs } = view;
  const isPublic = post.mode === "direct" && post.privacyLevel === "PUBLIC_TO_EVERYONE";
  if (status !== "published" || !isPublic || postUrl !== null) return false;
  return nowMs - (history.at(-1)?.atMs ?? updatedAtMs) < linkPatienceMs;
}

/** Yields the publication now and after each change; ends once it is settled and no link is to come. */
export async function* watch(
  api: Pick<Api, "status">,
  publicationId: string,
  options: WatchOptions = {},
): AsyncGenerator<PublicationView, void, undefined> {
  const { intervalMsMin = 2_000, intervalMsMax = 30_000, runtime = systemRuntime() } = options;
  const signal = options.signal ?? new AbortController().signal;
  let last: string | null = null;
  let changedAtMs = runtime.now();
  let failureCount = 0;
  for (let question = 1; question <= questionsMax; question += 1) {
    signal.throwIfAborted();
    let waitMs: number;
    try {
      const view = await api.status(publicationId, { signal });
      failureCount = 0;
      const now = JSON.stringify(view);
      if (now !== last) {
        last = now;
        changedAtMs = runtime.now();
        yield view;
      }
      if (view.isSettled && !isLinkExpected(view, runtime.now())) return;
      const quietMs = runtime.now() - changedAtMs;
      waitMs = Math.min(intervalMsMax, Math.max(intervalMsMin, quietMs / 2));
    } catch (error) {
      failureCount += 1;
      const isKnown = error instanceof ApiError || error instanceof NetworkError;
      if (!isKnown || !error.isRetryable || failureCount >= failuresMax) throw error;
      const floorMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      waitMs = backoffMs(runtime, retry, failureCount, floorMs);
      await untilOnline(runtime, signal);
    }
    await runtime.sleep(waitMs, signal);
  }
}
