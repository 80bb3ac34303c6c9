/**
 * The two shapes in which TikTok answers: API v2's `{data, error: {code}}`, and OAuth's flat object whose `error` is a
 * string. Both are read from raw text, because post ids are JSON numbers beyond 2^53 and gateways answer HTML.
 */
import * as z from "zod/mini";
import { RetryableError } from "../errors/index.ts";

/** TikTok understood and said no. `code` is TikTok's own. */
export class TikTokRefusal extends Error {
  readonly code: string;
  readonly httpStatus: number;
  readonly logId: string | null;

  constructor(code: string, message: string, answer: { httpStatus: number; logId: string | null }) {
    super(message);
    this.name = "TikTokRefusal";
    this.code = code;
    this.httpStatus = answer.httpStatus;
    this.logId = answer.logId;
  }
}

export interface HttpAnswer {
  status: number;
  text: string;
  retryAfter: string | null;
}

const unavailableRetryAfterMs = 2_000;
/** The rate window is a sliding minute (rate limits page); without Retry-After, wait all of it. */
const rateWindowMs = 60_000;

const apiEnvelope = z.object({
  data: z.optional(z.unknown()),
  error: z.object({
    code: z.string(),
    message: z._default(z.string(), ""),
    log_id: z.optional(z.string()),
    logid: z.optional(z.string()),
  }),
});

const oauthError = z.object({
  error: z.string().check(z.minLength(1)),
  error_description: z._default(z.string(), ""),
  log_id: z.optional(z.string()),
});

/** `data` of an API v2 answer. Throws `TikTokRefusal` or `RetryableError`. */
export function readApiAnswer<T>(schema: z.core.$ZodType<T>, answer: HttpAnswer): T {
  const parsed = apiEnvelope.safeParse(parseJson(answer.text));
  if (!parsed.success) throw answer.status === 429 ? rateLimited(answer) : unavailable(answer);
  const { code, message, log_id, logid } = parsed.data.error;
  if (code === "ok") return understood(schema, parsed.data.data ?? {}, answer);
  if (code === "rate_limit_exceeded") throw rateLimited(answer);
  if (code === "internal_error" || answer.status >= 500) throw unavailable(answer);
  throw new TikTokRefusal(code, message, {
    httpStatus: answer.status,
    logId: log_id ?? logid ?? null,
  });
}

/** A flat OAuth answer. The HTTP status decides nothing: 200 with an error and 400 are both seen. */
export function readOAuthAnswer<T>(schema: z.core.$ZodType<T>, answer: HttpAnswer): T {
  const body = parseJson(answer.text);
  const refusal = oauthError.safeParse(body);
  if (refusal.success) {
    const { error, error_description, log_id } = refusal.data;
    if (error === "server_error" || error === "temporarily_unavailable") throw unavailable(answer);
    throw new TikTokRefusal(error, error_description, {
      httpStatus: answer.status,
      logId: log_id ?? null,
    });
  }
  if (answer.status === 429) throw rateLimited(answer);
  if (answer.status >= 500) throw unavailable(answer);
  return understood(schema, body, answer);
}

/** JSON with integers beyond 2^53 kept as text. Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
        ? (context?.source ?? value)
        : value,
    );
  } catch {
    return undefined;
  }
}

function understood<T>(schema: z.core.$ZodType<T>, data: unknown, answer: HttpAnswer): T {
  const parsed = z.safeParse(schema, data);
  if (!parsed.success) throw unavailable(answer, parsed.error);
  return parsed.data;
}

function unavailable(answer: HttpAnswer, cause?: unknown): RetryableError {
  return new RetryableError(
    "tiktok_unavailable",
    `TikTok gave no usable answer (${answer.status}).`,
    {
      cause,
      retryAfterMs: unavailableRetryAfterMs,
    },
  );
}

function rateLimited(answer: HttpAnswer): RetryableError {
  const seconds = Number(answer.retryAfter);
  const retryAfterMs =
    answer.retryAfter !== null && seconds > 0 && seconds <= 3_600 ? seconds * 1000 : rateWindowMs;
  return new RetryableError("rate_limited", "TikTok asks to slow down.", { retryAfterMs });
}
