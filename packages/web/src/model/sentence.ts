/**
 * What a failure is called in front of a creator. The backend's own sentences are shown as they are.
 */
import { ApiError, NetworkError, UploadError } from "@clipcast/client";
import { strings } from "../strings.ts";
import type { VideoProblem } from "./video.ts";

export function sentenceOfError(error: unknown): string {
  if (error instanceof ApiError) return error.detail;
  if (error instanceof NetworkError) return strings.network;
  if (error instanceof UploadError) return strings.uploadError[error.code];
  return strings.unknownError;
}

export function sentenceOfLoginError(code: string): string {
  return Object.hasOwn(strings.loginError, code)
    ? (strings.loginError[code] ?? strings.loginErrorOther)
    : strings.loginErrorOther;
}

export function sentenceOfProblem(problem: VideoProblem): string {
  switch (problem.type) {
    case "empty":
      return strings.problem.empty;
    case "too_large":
      return strings.problem.tooLarge(problem.bytesMax);
    case "unsupported":
      return strings.problem.unsupported;
    case "too_long":
      return strings.problem.tooLong(problem.secondsMax);
    case "picture":
      return strings.problem.picture;
  }
}
