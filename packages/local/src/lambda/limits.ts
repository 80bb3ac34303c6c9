/**
 * Lambda's limits and the shape of its errors, each beside its source.
 *
 * The emulator refuses what Lambda refuses, in Lambda's words, so that a payload too big or a slow
 * handler fails here and not on the first deployment. Enforcing the limits is left to the modules
 * that move the bytes and watch the processes.
 */

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB each way. */
export const payloadBytesMax = 6_291_556;

/** The init phase has ten seconds: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html */
export const initTimeoutMs = 10_000;

export type ErrorBody = { errorType: string; errorMessage: string; trace?: string[] };

/** An invocation that Lambda itself refuses: the function never sees it. */
export class InvokeRefusedError extends Error {
  override readonly name = "InvokeRefusedError";
  readonly code: "RequestTooLargeException" | "TooManyRequestsException" | "ServiceException";

  constructor(code: InvokeRefusedError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export function requestTooLarge(bytes: number): InvokeRefusedError {
  return new InvokeRefusedError(
    "RequestTooLargeException",
    `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${payloadBytesMax} bytes)`,
  );
}

export function responseTooLarge(): ErrorBody {
  return {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${payloadBytesMax} bytes).`,
  };
}

export function timedOut(requestId: string, timeoutSeconds: number): ErrorBody {
  return {
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

export function exited(requestId: string, exit: Exit): ErrorBody {
  const prefix = `RequestId: ${requestId} Error: Runtime exited`;
  const reason =
    exit.signal !== null
      ? ` with error: signal: ${exit.signal === "SIGKILL" ? "killed" : exit.signal}`
      : exit.code === 0
        ? " without providing a reason"
        : ` with error: exit status ${exit.code}`;
  return { errorType: "Runtime.ExitError", errorMessage: `${prefix}${reason}` };
}

/** How a process ended, as Node reports it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };
