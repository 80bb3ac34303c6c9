/** What a creator tries again: whatever was cut off, and what the backend or the engine says may work later. */
import { ApiError, NetworkError, UploadError } from "@clipcast/client";

export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof DOMException && error.name === "AbortError") return true;
  const isOurs =
    error instanceof ApiError || error instanceof NetworkError || error instanceof UploadError;
  return isOurs && error.isRetryable;
}
