/**
 * The HTTP API as functions, typed by the contract.
 *
 * Each call is one request; nothing is repeated here. What the backend refuses becomes an `ApiError`, what never got
 * an answer a `NetworkError`. In the browser the session cookie travels by itself; a Node client passes
 * `Cookie` and `Origin` in `headers`.
 */
import type {
  CreatorInfoResponse,
  InitRequest,
  InitResponse,
  ListResponse,
  MeResponse,
  PartsResponse,
  Problem,
  PublicationResponse,
  PublicationView,
  RefreshResponse,
  SessionResponse,
  SignedPart,
  SignRequest,
  SignResponse,
} from "@clipcast/functions/contract";
import { ApiError, NetworkError } from "./errors.ts";
import { type Runtime, systemRuntime } from "./runtime.ts";

export type ApiOptions = {
  /** Origin of the backend, such as `https://publish.example`; empty for the page's own. */
  baseUrl: string;
  fetch?: typeof fetch;
  /** Added to every request; a function is asked anew each time. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** A call without an answer after this time fails as `NetworkError` with code `timeout`. */
  timeoutMs?: number;
  runtime?: Runtime;
};

export type CallOptions = { signal?: AbortSignal };

export type Api = {
  /** Who is signed in, if anybody: the question that a page begins with. */
  session(options?: CallOptions): Promise<SessionResponse>;
  me(options?: CallOptions): Promise<MeResponse>;
  creatorInfo(accountId: string, options?: CallOptions): Promise<CreatorInfoResponse>;
  refresh(accountId: string, options?: CallOptions): Promise<RefreshResponse>;
  uploadInit(
    request: InitRequest,
    options?: CallOptions & { idempotencyKey?: string },
  ): Promise<InitResponse>;
  sign(request: SignRequest, options?: CallOptions): Promise<SignedPart[]>;
  parts(publicationId: string, options?: CallOptions): Promise<PartsResponse>;
  /** Idempotent: completing what is complete answers the publication as it stands. */
  complete(publicationId: string, options?: CallOptions): Promise<PublicationView>;
  status(publicationId: string, options?: CallOptions): Promise<PublicationView>;
  cancel(publicationId: string, options?: CallOptions): Promise<PublicationView>;
  /** Another attempt with the video as storage still has it; see `canRetry`. */
  retry(publicationId: string, options?: CallOptions): Promise<PublicationView>;
  list(options?: CallOptions & { limit?: number; cursor?: string }): Promise<ListResponse>;
  logout(options?: CallOptions): Promise<void>;
  removeAccount(accountId: string, options?: CallOptions): Promise<void>;
  /** Where to send the browser to connect an account; `add` asks TikTok for another one. */
  loginUrl(options?: { returnTo?: string; add?: boolean }): string;
};

export function createApi(options: ApiOptions): Api {
  const call = createCaller(options);
  const withId = (publicationId: string) => ({ publicationId });
  return {
    session: (to) => call<SessionResponse>("GET", "/api/session", undefined, to),
    me: (to) => call<MeResponse>("GET", "/api/me", undefined, to),
    creatorInfo: (accountId, to) =>
      call<CreatorInfoResponse>("POST", "/api/tiktok/creator-info", { accountId }, to),
    refresh: (accountId, to) =>
      call<RefreshResponse>("POST", "/api/auth/tiktok/refresh", { accountId }, to),
    uploadInit: (request, to) =>
      call<InitResponse>("POST", "/api/tiktok/upload-init", request, {
        ...to,
        headers: to?.idempotencyKey ? { "Idempotency-Key": to.idempotencyKey } : {},
      }),
    sign: async (request, to) =>
      (await call<SignResponse>("PUT", "/api/tiktok/upload-chunk", request, to)).parts,
    parts: (id, to) => call<PartsResponse>("POST", "/api/tiktok/upload-parts", withId(id), to),
    complete: async (id, to) => {
      const path = "/api/tiktok/upload-complete";
      try {
        return (await call<PublicationResponse>("POST", path, withId(id), to)).publication;
      } catch (error) {
        const isRepeat = error instanceof ApiError && error.code === "upload_already_complete";
        if (isRepeat && error.publication) return error.publication;
        throw error;
      }
    },
    status: async (id, to) =>
      (await call<PublicationResponse>("POST", "/api/tiktok/upload-status", withId(id), to))
        .publication,
    retry: async (id, to) =>
      (await call<PublicationResponse>("POST", "/api/tiktok/publish-retry", withId(id), to))
        .publication,
    cancel: async (id, to) =>
      (await call<PublicationResponse>("POST", "/api/tiktok/publish-cancel", withId(id), to))
        .publication,
    list: ({ limit, cursor, ...to } = {}) =>
      call<ListResponse>("GET", `/api/publications${query({ limit, cursor })}`, undefined, to),
    logout: (to) => call<void>("POST", "/api/auth/logout", {}, to),
    removeAccount: (accountId, to) =>
      call<void>("DELETE", `/api/accounts/${encodeURIComponent(accountId)}`, undefined, to),
    loginUrl: ({ returnTo, add } = {}) =>
      `${options.baseUrl}/api/auth/tiktok${query({ return_to: returnTo, add: add ? "1" : undefined })}`,
  };
}

/** The API function runs 30 s at most; an answer after that was never going to come. */
const timeoutMsDefault = 35_000;

type Caller = <T>(
  method: string,
  path: string,
  body: unknown,
  to?: CallOptions & { headers?: Record<string, string> },
) => Promise<T>;

function createCaller(options: ApiOptions): Caller {
  const { baseUrl, timeoutMs = timeoutMsDefault, runtime = systemRuntime() } = options;
  // Bound, as browsers refuse a detached `fetch`; looked up late, so that a page may patch it.
  const send = options.fetch ?? ((...input: Parameters<typeof fetch>) => fetch(...input));
  return async <T>(...[method, path, body, to = {}]: Parameters<Caller>): Promise<T> => {
    const deadline = runtime.deadline(timeoutMs);
    const own = typeof options.headers === "function" ? options.headers() : options.headers;
    try {
      const response = await send(`${baseUrl}${path}`, {
        method,
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...own,
          ...to.headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        cache: "no-store",
        credentials: "same-origin",
        signal: to.signal ? AbortSignal.any([to.signal, deadline]) : deadline,
      });
      const text = await response.text();
      if (!response.ok) throw new ApiError(problemOf(response, text));
      return (text === "" ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      to.signal?.throwIfAborted();
      throw new NetworkError(deadline.aborted ? "timeout" : "network", error);
    }
  };
}

/** A gateway in front of the API may answer in its own words; those become a problem as well. */
function problemOf(response: Response, text: string): Problem {
  const retryAfterSec = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const fallback: Problem = {
    type: "about:blank",
    title: "Unexpected answer",
    status: response.status,
    code: response.status === 429 ? "rate_limited" : "unexpected_answer",
    detail: `The server answered with status ${response.status}.`,
    ...(Number.isFinite(retryAfterSec) ? { retryAfterMs: retryAfterSec * 1000 } : {}),
  };
  try {
    const body: unknown = JSON.parse(text);
    const isProblem =
      typeof body === "object" && body !== null && "code" in body && typeof body.code === "string";
    if (!isProblem) return fallback;
    return { ...fallback, ...(body as Partial<Problem>), status: response.status };
  } catch {
    return fallback;
  }
}

function query(values: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size === 0 ? "" : `?${search}`;
}
