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
  const text = strings.problem;
  switch (problem.type) {
    case "empty":
      return text.empty;
    case "too_large":
      return text.tooLarge(problem.bytes, problem.bytesMax);
    case "unsupported":
      return text.unsupported;
    case "too_long":
      return text.tooLong(problem.durationMs, problem.secondsMax * 1000);
    case "picture":
      return text.picture(problem.width, problem.height);
    case "frame_rate":
      return text.frameRate(problem.framesPerSecond);
  }
}
