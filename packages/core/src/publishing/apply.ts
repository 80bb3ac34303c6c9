/**
 * Applies an event of the machine to a stored publication and runs what the step commands. The state is stored first;
 * a crash before the commands is repaired by the poller, which finds the record in the `due` index.
 */
import {
  type Command,
  type Event,
  firstCheckDelayMs,
  isRetryable,
  isSettled,
  type Known,
  mayStillBeOpened,
  type Publication,
  revise,
  reviseKnown,
  type StoredPublication,
  transition,
} from "../publications/index.ts";
import type { StorageDeps } from "../storage/index.ts";
import { accountHash, type Clock, type Log, type Measures } from "../system/index.ts";
import type { Key, TableDeps } from "../table/index.ts";
import { type QueueDeps, sendCheck, sendRelay } from "./messages.ts";

export type ApplyDeps = TableDeps & StorageDeps & QueueDeps & { clock: Clock; log: Log };

/** The publication after the event; `isApplied` is false when the event meant nothing in its state. */
export interface Applied {
  publication: Publication;
  isApplied: boolean;
}

/** `target` is the record as just read, which saves reading it again, or its key. Null when there is no such publication. */
export async function apply(
  deps: ApplyDeps,
  target: Key | Known,
  event: Event,
): Promise<Applied | null> {
  let commands: Command[] | null = null;
  const change = (publication: Publication) => {
    const step = transition(publication, event, deps.clock.nowMs());
    commands = step?.commands ?? null;
    return step?.next ?? null;
  };
  const stored = await ("key" in target
    ? reviseKnown(deps, target, change)
    : revise(deps, target, change));
  if (stored === null) return null;
  if (commands === null) return { publication: stored.value, isApplied: false };
  logStep(deps, stored.value, event);
  await runCommands(deps, stored, commands);
  return { publication: stored.value, isApplied: true };
}

export async function runCommands(
  deps: ApplyDeps,
  stored: Known,
  commands: Command[],
): Promise<void> {
  for (const command of commands) {
    if (command === "relay") await sendRelay(deps, stored.value);
    if (command === "check") {
      await sendCheck(deps, stored.value, {
        check: stored.value.checks,
        delayMs: firstCheckDelayMs,
      });
    }
    if (command === "remove-upload") await removeUpload(deps, stored);
  }
}

/**
 * Empties storage of a settled publication and records that nothing is left, once nothing can come any more. Repeating it
 * is harmless. The creator may try a failed one again in the same moment: the first write refuses that from now on, or finds
 * that it was too late for removing. What is settled and not retryable stays so, however old our record of it is.
 */
export async function removeUpload(deps: ApplyDeps, stored: Known): Promise<void> {
  const closed = isRetryable(stored.value) ? await closeRetry(deps, stored) : stored;
  if (closed === null) return;
  await deps.storage.removeAll(stored.value.upload.key);
  // Once more by the poller: what settled a moment ago is due in a minute.
  if (mayStillBeOpened(stored.value, deps.clock.nowMs())) return;
  await reviseKnown(deps, closed, (publication) =>
    publication.upload.isRemoved
      ? null
      : {
          ...publication,
          upload: { ...publication.upload, isRemoved: true },
          dueAtMs: linkCheckAtMs(publication, deps.clock.nowMs()),
        },
  );
}

/** Null when the creator's retry came before. */
async function closeRetry(deps: ApplyDeps, stored: Known): Promise<StoredPublication | null> {
  const { attempt } = stored.value;
  const closed = await reviseKnown(deps, stored, (publication) =>
    isRetryable(publication) && publication.attempt === attempt
      ? { ...publication, upload: { ...publication.upload, etag: null } }
      : null,
  );
  return closed?.value.attempt === attempt ? closed : null;
}

/** A public post's link may come minutes after the post; these are the times to ask again. */
const linkCheckDelaysMs = [30_000, 60_000, 300_000, 1_800_000, 7_200_000, 28_800_000];

/** When to look for the link of a published post next; null when there is none to come. */
export function linkCheckAtMs(publication: Publication, nowMs: number): number | null {
  const { status, post, postIds, checks } = publication;
  const mayComeOut = post.mode === "direct" && post.privacyLevel === "PUBLIC_TO_EVERYONE";
  if (status !== "published" || !mayComeOut || postIds.length > 0) return null;
  const delayMs = linkCheckDelaysMs[checks];
  return delayMs === undefined ? null : nowMs + delayMs;
}

export function logStep(deps: ApplyDeps, publication: Publication, event: Event): void {
  const nowMs = deps.clock.nowMs();
  const fields = {
    publicationId: publication.id,
    account: accountHash(publication.openId),
    step: event.type,
    status: publication.status,
    code: publication.failure?.code,
    isSettled: isSettled(publication.status),
    ageMs: nowMs - publication.createdAtMs,
  };
  deps.log.event("publication", fields, measuresOf(publication, event, nowMs));
}

/** A draft in the inbox is as far as we bring it. */
function measuresOf(publication: Publication, event: Event, nowMs: number): Measures | undefined {
  if (event.type === "failed") return { PublicationFailed: 1 };
  if (event.type !== "published" && event.type !== "delivered-to-inbox") return undefined;
  // From when the video was all there, or the creator tried again.
  const queued = publication.history.findLast(({ status }) => status === "queued");
  const sinceMs = queued?.atMs ?? publication.createdAtMs;
  return { PublicationPublished: 1, TimeToPublished: nowMs - sinceMs };
}
