/**
 * The families of failure, so that every adapter can translate one without knowing where it came from.
 *
 * - `VisibleError`: the caller can act on it. `kind` chooses the HTTP status, `code` is stable, the message is a
 *   sentence for the creator.
 * - `RetryableError`: surely not applied; the same call may be repeated after `retryAfterMs`.
 * - `FatalError`: will never succeed as it stands; its code and sentence become the reason that the creator reads.
 *
 * A call that may have been applied is none of these: it returns `{ outcome: "unknown" }`, and the caller finds out
 * by asking.
 */

export type VisibleKind =
  | "input"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "rejected"
  | "too-many"
  | "unavailable";

export class VisibleError extends Error {
  readonly kind: VisibleKind;
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(
    kind: VisibleKind,
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "VisibleError";
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export class RetryableError extends Error {
  readonly code: string;
  readonly retryAfterMs: number;

  constructor(code: string, message: string, options: { cause?: unknown; retryAfterMs: number }) {
    super(message, { cause: options.cause });
    this.name = "RetryableError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export class FatalError extends Error {
  readonly code: string;
  /** Whether the creator may start the same publication once more, after doing what the message says. */
  readonly isRetryable: boolean;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; isRetryable?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "FatalError";
    this.code = code;
    this.isRetryable = options.isRetryable ?? false;
  }
}

/** For our own bugs only. It stays on in production: a wrong state stops the call before it does harm. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
