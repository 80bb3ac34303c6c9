/** What went wrong, in words for an operator. */
import { VisibleError } from "@clipcast/core/errors";

/** The command was not written as it must be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The system cannot be reached, and what to do about it. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

export interface Told {
  code: string;
  message: string;
}

const credentialErrors = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);
const rightsErrors = new Set(["AccessDenied", "AccessDeniedException"]);

export function explain(error: unknown, isVerbose: boolean): Told {
  if (!(error instanceof Error)) return { code: "unknown", message: String(error) };
  if (error instanceof UsageError) {
    return { code: "usage", message: `${error.message} Try --help.` };
  }
  if (error instanceof VisibleError) {
    const later =
      error.retryAfterMs === null ? "" : ` Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
    return { code: error.code, message: `${error.message}${later}` };
  }
  if (error instanceof UnreachableError) return { code: "unreachable", message: error.message };
  const where = isVerbose && error.stack !== undefined ? `\n${error.stack}` : "";
  if (isRefused(error)) {
    return { code: "unreachable", message: `The system does not answer. Is it running?${where}` };
  }
  if (credentialErrors.has(error.name)) {
    return {
      code: error.name,
      message: `AWS does not accept the credentials: ${error.message}${where}`,
    };
  }
  if (rightsErrors.has(error.name)) {
    return { code: error.name, message: `AWS does not allow this: ${error.message}${where}` };
  }
  const hint = isVerbose ? where : " (--verbose shows where)";
  return { code: error.name, message: `${error.name}: ${error.message}${hint}` };
}

function isRefused(error: Error): boolean {
  const { code, cause } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND") return true;
  return cause instanceof Error && isRefused(cause);
}
