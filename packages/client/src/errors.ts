/**
 * The three ways a call can go wrong, told apart by class and by a stable `code`.
 *
 * `ApiError`: the backend answered and refused. `NetworkError`: no answer arrived, so whether the call was applied
 * is unknown. `UploadError`: the upload cannot go on. All of them answer `isRetryable`: would the same call have a
 * chance later? An abort is none of these; it rejects with the signal's own reason.
 */
import type { Problem, PublicationView } from "@clipcast/functions/contract";

export type FieldError = { path: string; message: string };

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  readonly status: number;
  /** A sentence that may be shown to the creator. */
  readonly detail: string;
  readonly retryAfterMs: number | null;
  /** What is wrong with the request, by path; empty unless the code is `invalid_request`. */
  readonly errors: readonly FieldError[];
  /** Only with `upload_already_complete`: the publication as it stands. */
  readonly publication: PublicationView | null;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.retryAfterMs = problem.retryAfterMs ?? null;
    this.errors = problem.errors ?? [];
    this.publication = problem.publication ?? null;
  }

  get isRetryable(): boolean {
    return this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly code: "network" | "timeout";
  readonly isRetryable = true;

  constructor(code: "network" | "timeout", cause?: unknown) {
    super(code === "timeout" ? "No answer in time." : "The network failed.", { cause });
    this.code = code;
  }
}

export type UploadErrorCode =
  /** Storage could not be reached, or kept failing, until the attempts were spent. */
  | "attempts_exhausted"
  /** The file changed, moved or became unreadable since the upload began; what storage has is of another. */
  | "file_changed"
  /** The file does not have the length of the one this upload was begun with. */
  | "file_mismatch"
  /** Storage no longer knows this upload: it was completed, cancelled or expired. */
  | "upload_gone"
  /** Storage refuses the part for good. */
  | "part_refused"
  /** The backend answered something that does not fit the upload. */
  | "unexpected_answer";

export class UploadError extends Error {
  override readonly name = "UploadError";
  readonly code: UploadErrorCode;
  readonly isRetryable: boolean;

  constructor(code: UploadErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.isRetryable = code === "attempts_exhausted";
  }
}
