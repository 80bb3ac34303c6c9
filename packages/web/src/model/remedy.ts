/**
 * What a creator can do about an upload that stopped.
 *
 *   retry    the same again, with the file at hand
 *   choose   pick the file once more
 *   sign_in  connect again; the upload is kept
 *   none     this upload is over
 */
import { ApiError, UploadError } from "@clipcast/client";

export type Remedy = "retry" | "choose" | "sign_in" | "none";

export function remedyOf(error: unknown): Remedy {
  if (error instanceof ApiError && error.status === 401) return "sign_in";
  if (error instanceof UploadError && error.code === "file_changed") return "choose";
  if (error instanceof UploadError && error.code === "file_mismatch") return "choose";
  if (error instanceof Error && "isRetryable" in error) return error.isRetryable ? "retry" : "none";
  // A fault of our own; trying again costs nothing.
  return "retry";
}
