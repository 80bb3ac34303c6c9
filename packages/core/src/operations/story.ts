/**
 * One publication's story: what happened, who has it now, what happens next and when, and whether something is wrong.
 * Pure but for finding the record.
 */
import { VisibleError } from "../errors/index.ts";
import {
  findById,
  findByPublishId,
  isRetryable,
  isSettled,
  type Publication,
  type StoredPublication,
} from "../publications/index.ts";
import { turnReason } from "../publishing/index.ts";
import type { TableDeps } from "../table/index.ts";

export interface NextStep {
  what: string;
  /** Null: at once, or when somebody outside acts. */
  atMs: number | null;
}

export interface Trouble {
  code: "overdue" | "unanswered" | "fruitless" | "slow_outcome";
  sinceMs: number;
  what: string;
}

/** What may be shown: neither the post's words nor anything sealed. */
export type Story = Pick<
  Publication,
  | "id"
  | "userId"
  | "openId"
  | "status"
  | "history"
  | "attempt"
  | "pastFailures"
  | "deadTasks"
  | "fence"
  | "fruitlessRuns"
  | "nudges"
  | "checks"
  | "waiting"
  | "cancelRequestedAtMs"
  | "failure"
  | "postIds"
  | "dueAtMs"
  | "createdAtMs"
  | "updatedAtMs"
> & {
  file: { name: string; bytes: number; isStored: boolean };
  task: { publishId: string; issuedAtMs: number; confirmedBytes: number; chunks: number } | null;
  lease: { owner: string; expiresAtMs: number; isLive: boolean } | null;
  next: NextStep | null;
  trouble: Trouble | null;
};

const minuteMs = 60_000;
/** The poller runs each minute and works for up to one: later than this, something keeps it from its work. */
const overdueAfterMs = 3 * minuteMs;
/** The first message is not counted; one may get lost, two are a sign. */
const nudgesToWorry = 2;
const fruitlessRunsToWorry = 3;
/** Most posts end within minutes; moderation may take hours. */
const slowOutcomeMs = 60 * minuteMs;

/** By our id, or by TikTok's publish_id. */
export async function findPublication(deps: TableDeps, id: string): Promise<StoredPublication> {
  const stored = (await findById(deps, id)) ?? (await findByPublishId(deps, id));
  if (stored !== null) return stored;
  throw new VisibleError("not-found", "not_found", `There is no publication ${id}.`);
}

export function storyOf(publication: Publication, nowMs: number): Story {
  const { task, lease, file, upload } = publication;
  const { name, bytes } = file;
  return {
    id: publication.id,
    userId: publication.userId,
    openId: publication.openId,
    status: publication.status,
    history: publication.history,
    attempt: publication.attempt,
    pastFailures: publication.pastFailures,
    deadTasks: publication.deadTasks,
    fence: publication.fence,
    fruitlessRuns: publication.fruitlessRuns,
    nudges: publication.nudges,
    checks: publication.checks,
    waiting: publication.waiting,
    cancelRequestedAtMs: publication.cancelRequestedAtMs,
    failure: publication.failure,
    postIds: publication.postIds,
    dueAtMs: publication.dueAtMs,
    createdAtMs: publication.createdAtMs,
    updatedAtMs: publication.updatedAtMs,
    file: { name, bytes, isStored: upload.etag !== null && !upload.isRemoved },
    // The upload URL is left out, sealed as it is.
    task: task && {
      publishId: task.publishId,
      issuedAtMs: task.issuedAtMs,
      confirmedBytes: task.confirmedBytes,
      chunks: task.chunkCount,
    },
    lease: lease && { ...lease, isLive: lease.expiresAtMs > nowMs },
    next: nextStep(publication, nowMs),
    trouble: troubleOf(publication, nowMs),
  };
}

/** Null when nothing is left to do. */
export function nextStep(publication: Publication, nowMs: number): NextStep | null {
  const { status, lease, waiting, dueAtMs } = publication;
  if (isSettled(status)) return afterTheEnd(publication);
  const at = (what: string): NextStep => ({ what, atMs: dueAtMs });
  if (status === "uploading") return at("given up, unless the creator completes the upload before");
  if (status === "processing") return at("TikTok is asked for the outcome");
  if (lease !== null && lease.expiresAtMs > nowMs) {
    return at("taken over, should the relay that sends it now fall silent");
  }
  if (waiting !== null && waiting.untilMs > nowMs) {
    const what =
      waiting.reason === turnReason
        ? "a relay looks again, or goes on as soon as another video of the user has ended"
        : "a relay goes on";
    return { what, atMs: waiting.untilMs };
  }
  if (lease !== null) return at("its relay died: the poller sends the message again");
  return at("a relay takes the message; if it got lost, the poller sends it again");
}

function afterTheEnd(publication: Publication): NextStep | null {
  const { status, upload, dueAtMs } = publication;
  if (dueAtMs === null) return null;
  if (isRetryable(publication)) {
    return { what: "the video is removed; until then it can be tried again", atMs: dueAtMs };
  }
  if (!upload.isRemoved) return { what: "storage is emptied", atMs: dueAtMs };
  return status === "published" ? { what: "TikTok is asked for the link", atMs: dueAtMs } : null;
}

/** Null when everything goes its way. */
export function troubleOf(publication: Publication, nowMs: number): Trouble | null {
  const { status, dueAtMs, lease, nudges, fruitlessRuns, history, waiting } = publication;
  const sinceMs = history.at(-1)?.atMs ?? publication.createdAtMs;
  const isHeld = lease !== null && lease.expiresAtMs > nowMs;
  if (dueAtMs !== null && dueAtMs < nowMs - overdueAfterMs) {
    const what = "the poller does not run, or cannot do what is due";
    return { code: "overdue", sinceMs: dueAtMs, what };
  }
  if (isSettled(status) || isHeld) return null;
  if (fruitlessRuns >= fruitlessRunsToWorry && status === "relaying") {
    const why = waiting === null ? "its relays die" : waiting.reason;
    return { code: "fruitless", sinceMs, what: `${fruitlessRuns} relays sent nothing: ${why}` };
  }
  // Whoever waits for its time is sent messages too, and its time may only just have come.
  const isPatient = waiting !== null && waiting.untilMs > nowMs - overdueAfterMs;
  if (nudges >= nudgesToWorry && !isPatient) {
    const what = `${nudges} messages were sent again, and no relay has begun: all are busy, or they die`;
    return { code: "unanswered", sinceMs, what };
  }
  if (status === "processing" && sinceMs < nowMs - slowOutcomeMs) {
    const what = "TikTok has not decided; moderation can take hours";
    return { code: "slow_outcome", sinceMs, what };
  }
  return null;
}
