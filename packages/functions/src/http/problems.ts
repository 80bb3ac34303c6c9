/** Failures as RFC 9457 problem details. One place chooses the status and what the caller may read. */
import { VisibleError, type VisibleKind } from "@clipcast/core/errors";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Problem, PublicationView } from "../contract.ts";
import { InvalidRequest } from "./body.ts";

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503;

const statusByKind: Record<VisibleKind, ProblemStatus> = {
  input: 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  rejected: 422,
  "too-many": 429,
  unavailable: 503,
};

const titles: Record<ProblemStatus, string> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Forbidden",
  404: "Not found",
  409: "Conflict",
  413: "Too large",
  422: "Not acceptable as it is",
  429: "Too many requests",
  500: "Internal error",
  503: "Unavailable",
};

interface ProblemParts {
  status: ProblemStatus;
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
  retryAfterMs?: number;
  publication?: PublicationView;
}

export function problemResponse(c: Context, parts: ProblemParts): Response {
  const body: Problem = { type: "about:blank", title: titles[parts.status], ...parts };
  if (parts.retryAfterMs !== undefined) {
    c.header("Retry-After", String(Math.ceil(parts.retryAfterMs / 1000)));
  }
  c.header("Content-Type", "application/problem+json");
  return c.body(JSON.stringify(body), parts.status);
}

/** The one `onError`. What it does not know is a bug: logged by name, and told to nobody. */
export function onError(
  log: { event(name: string, fields: Record<string, string | undefined>): void },
  error: Error,
  c: Context,
): Response {
  if (error instanceof VisibleError) {
    return problemResponse(c, {
      status: statusByKind[error.kind],
      code: error.code,
      detail: error.message,
      ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  }
  if (error instanceof InvalidRequest) {
    return problemResponse(c, {
      status: 400,
      code: "invalid_request",
      detail: "The request does not have the expected shape.",
      errors: error.issues.map((issue) => ({
        path: issue.path.join("."),
        message: issue.message,
      })),
    });
  }
  if (error instanceof HTTPException && error.status === 413) {
    return problemResponse(c, { status: 413, code: "too_large", detail: "The body is too large." });
  }
  log.event("request.failed", {
    route: c.req.routePath,
    code: error.name,
    // `message` is Powertools' own.
    reason: error.message,
    stack: error.stack,
  });
  return problemResponse(c, {
    status: 500,
    code: "internal",
    detail: "Something went wrong on our side.",
  });
}
