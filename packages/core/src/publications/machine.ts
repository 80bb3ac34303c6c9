/**
 * The life of a publication. Nothing else writes `status`.
 *
 * ```
 * uploading ─▶ queued ─▶ relaying ─▶ processing ─▶ published
 *     │           │          │            │   └───▶ in_inbox        (drafts)
 *     └───────────┴──────────┴────────────┴──────▶ failed | cancelled
 *                 ▲                                  │
 *                 └── retried by the creator ────────┘   (a new attempt, while storage keeps the video)
 * ```
 * `transition` is pure and total: each event has an answer in each state, a refusal among them. Terminal states never
 * change by themselves: only the creator may begin a new attempt after a failure that posted nothing. Commands are run
 * after the new state is stored; whoever crashes in between is found by the `due` index, since every state that owes a
 * command has a time at which the poller looks again.
 */
import type { Publication, PublicationStatus } from "./record.ts";

export interface Failure {
  code: string;
  /** A sentence that tells the creator what to do. */
  message: string;
  isRetryable: boolean;
}

export type Event =
  | { type: "upload-completed"; etag: string }
  | { type: "relay-started"; owner: string; leaseUntilMs: number }
  | { type: "bytes-delivered" }
  | { type: "published"; postIds: string[] }
  | { type: "delivered-to-inbox" }
  | { type: "failed"; failure: Failure }
  | { type: "cancel-requested" }
  | { type: "cancelled" }
  | { type: "retried" };

export type Command = "relay" | "check" | "remove-upload";

export interface Step {
  next: Publication;
  commands: Command[];
}

const settled: ReadonlySet<PublicationStatus> = new Set([
  "published",
  "in_inbox",
  "failed",
  "cancelled",
]);

export function isSettled(status: PublicationStatus): boolean {
  return settled.has(status);
}

/** How long a creator may take for an upload, pauses and nights included. S3 aborts what is older than two days. */
export const uploadLifetimeMs = 24 * 3_600_000;
/**
 * A message sent just now deserves this much before the poller sends another, and storage of what ended just now before
 * the poller looks at it.
 */
export const relayGraceMs = 60_000;
export const firstCheckDelayMs = 5_000;
/** How long the video of a failure that allows another attempt is kept; the bucket's own rule keeps a week. */
export const retryWindowMs = 24 * 3_600_000;

/** Nobody tries one video more often. Each attempt adds to the record, and DynamoDB's rows end at 400 kB. */
export const attemptsMax = 20;

/** Whether the creator may begin another attempt: nothing was posted, and storage still has the whole video. */
export function isRetryable({ status, failure, attempt, upload }: Publication): boolean {
  return (
    status === "failed" &&
    failure?.isRetryable === true &&
    attempt < attemptsMax &&
    upload.etag !== null &&
    !upload.isRemoved
  );
}

/**
 * Whether a request that began before the end may still open the upload again, or join it: the API function runs 30 s at
 * most, and may die before it has cleaned up behind itself. By the time that the poller looks, it is over.
 */
export function mayStillBeOpened({ history, status }: Publication, nowMs: number): boolean {
  const [before, end] = history.slice(-2);
  const hasEndedUploading = isSettled(status) && before?.status === "uploading";
  return hasEndedUploading && end !== undefined && nowMs < end.atMs + relayGraceMs;
}

/** The step, or null when the event means nothing in this state. */
export function transition(publication: Publication, event: Event, nowMs: number): Step | null {
  if (event.type === "retried") return retried(publication, nowMs);
  if (isSettled(publication.status)) return null;
  switch (event.type) {
    case "upload-completed":
      return uploadCompleted(publication, event.etag, nowMs);
    case "relay-started":
      return relayStarted(publication, event, nowMs);
    case "bytes-delivered":
      return bytesDelivered(publication, nowMs);
    case "published":
      return outcome(publication, "published", { postIds: event.postIds }, nowMs);
    case "delivered-to-inbox":
      return outcome(publication, "in_inbox", {}, nowMs);
    case "failed":
      return settle(publication, "failed", { failure: event.failure }, nowMs);
    case "cancel-requested":
      return cancelRequested(publication, nowMs);
    case "cancelled":
      return settle(publication, "cancelled", {}, nowMs);
  }
}

function uploadCompleted(publication: Publication, etag: string, nowMs: number): Step | null {
  if (publication.status !== "uploading") return null;
  const upload = { ...publication.upload, etag };
  const next = enter(publication, "queued", { upload, dueAtMs: nowMs + relayGraceMs }, nowMs);
  return { next, commands: ["relay"] };
}

function relayStarted(
  publication: Publication,
  event: { owner: string; leaseUntilMs: number },
  nowMs: number,
): Step | null {
  if (publication.status !== "queued" && publication.status !== "relaying") return null;
  const changes = {
    lease: { owner: event.owner, expiresAtMs: event.leaseUntilMs },
    fence: publication.fence + 1,
    fruitlessRuns: publication.fruitlessRuns + 1,
    waiting: null,
    // The message has arrived: should this relay die, its successor's message is a first one again.
    nudges: 0,
    dueAtMs: event.leaseUntilMs,
  };
  return { next: enter(publication, "relaying", changes, nowMs), commands: [] };
}

function bytesDelivered(publication: Publication, nowMs: number): Step | null {
  if (publication.status !== "relaying") return null;
  const { task, file } = publication;
  const changes = {
    task: task && { ...task, confirmedBytes: file.bytes },
    lease: null,
    waiting: null,
    checks: 0,
    nudges: 0,
    dueAtMs: nowMs + firstCheckDelayMs + relayGraceMs,
  };
  return { next: enter(publication, "processing", changes, nowMs), commands: ["check"] };
}

/** TikTok's own word about a post that has all its bytes; it can come before our record of the last chunk. */
function outcome(
  publication: Publication,
  status: "published" | "in_inbox",
  changes: Partial<Publication>,
  nowMs: number,
): Step | null {
  if (publication.status !== "processing") return null;
  return settle(publication, status, changes, nowMs);
}

function cancelRequested(publication: Publication, nowMs: number): Step | null {
  // Nobody sends bytes before the first lease, so the cancellation is complete at once.
  if (publication.status === "uploading" || publication.status === "queued") {
    return settle(publication, "cancelled", {}, nowMs);
  }
  const next = {
    ...publication,
    cancelRequestedAtMs: publication.cancelRequestedAtMs ?? nowMs,
    // Should the command's message get lost, whatever was waited for until now is no reason to wait longer.
    dueAtMs: Math.min(publication.dueAtMs ?? Number.POSITIVE_INFINITY, nowMs + relayGraceMs),
  };
  return { next, commands: [publication.status === "relaying" ? "relay" : "check"] };
}

function settle(
  publication: Publication,
  status: "published" | "in_inbox" | "failed" | "cancelled",
  changes: Partial<Publication>,
  nowMs: number,
): Step {
  const all = { ...changes, lease: null, waiting: null, checks: 0, dueAtMs: nowMs + relayGraceMs };
  const next = enter(publication, status, all, nowMs);
  // The poller removes the video when the time for another attempt is over.
  if (isRetryable(next)) return { next: { ...next, dueAtMs: nowMs + retryWindowMs }, commands: [] };
  return { next, commands: ["remove-upload"] };
}

/** A new attempt with the same video: a task of its own, after the old one has been given up. */
function retried(publication: Publication, nowMs: number): Step | null {
  const { failure, task, deadTasks, pastFailures } = publication;
  if (!isRetryable(publication) || failure === null) return null;
  const changes = {
    attempt: publication.attempt + 1,
    pastFailures: [...pastFailures, { atMs: nowMs, code: failure.code }],
    failure: null,
    task: null,
    deadTasks:
      task === null
        ? deadTasks
        : [...deadTasks, { publishId: task.publishId, atMs: nowMs, why: "retried" }],
    refusedChunkBytes: undefined,
    fruitlessRuns: 0,
    nudges: 0,
    cancelRequestedAtMs: null,
    dueAtMs: nowMs + relayGraceMs,
  };
  return { next: enter(publication, "queued", changes, nowMs), commands: ["relay"] };
}

function enter(
  publication: Publication,
  status: PublicationStatus,
  changes: Partial<Publication>,
  nowMs: number,
): Publication {
  const history =
    publication.status === status
      ? publication.history
      : [...publication.history, { atMs: nowMs, status }];
  return { ...publication, ...changes, status, history };
}
