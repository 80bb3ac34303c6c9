/**
 * Why an upload does not move, for the page to say so.
 */
export type Hold =
  /** By the person, until `resume()`. */
  | { reason: "paused" }
  /** The browser knows of no network; goes on by itself. */
  | { reason: "offline" }
  /** Goes on by itself once the person has signed in again, in whatever tab; `resume()` asks at once. */
  | { reason: "session_expired" }
  /** Everything under way failed and waits for its next attempt; `resume()` makes it now. */
  | { reason: "retrying"; nextAttemptAtMs: number };
