// One call of a TikTok endpoint from socket to log line: reads the body (its size is bounded by the app), lets faults strike
// before or after the effect, renders refusals in the endpoint's dialect and records what happened.

import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { sleep } from "./clock.ts";
import type { Sandbox } from "./context.ts";
import type { FaultPlan, Operation } from "./faults.ts";
import { logId, secretHash } from "./ids.ts";
import { Refusal, refuse, refuseOAuth } from "./refusal.ts";

export type Answer = { status: number; body: string; headers?: Record<string, string> };

/** Whom and what a call is about, as far as is known; filled by handlers, read by faults and log. */
export type Trace = {
  clientKey?: string;
  creator?: string;
  publishId?: string;
  /** A refusal that the endpoint answers with HTTP 200. */
  refusal?: Refusal;
};

export type Call = {
  text: string;
  url: URL;
  contentType: string;
  bearer: string | null;
  logId: string;
  nowMs: number;
  trace: Trace;
};

export type Endpoint = {
  operation: Operation;
  dialect: "oauth" | "api";
  method: "GET" | "POST";
  contentType: string | null;
  handle(sandbox: Sandbox, call: Call): Answer | Promise<Answer>;
};

export type HttpContext = Context<{ Bindings: HttpBindings }>;

const gatewayHtml =
  "<html><head><title>Error</title></head><body><center>gateway</center></body></html>";

export function answerJson(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value) };
}

export function answerOk(call: Call, data: unknown): Answer {
  return answerJson(200, { data, error: { code: "ok", message: "", log_id: call.logId } });
}

export async function serveCall(sandbox: Sandbox, endpoint: Endpoint, c: HttpContext) {
  const nowMs = sandbox.clock.nowMs();
  const url = new URL(c.req.url);
  const call: Call = {
    text: await c.req.text(),
    url,
    contentType: c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "",
    bearer: /^Bearer (\S+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? null,
    logId: logId(nowMs),
    nowMs,
    trace: {},
  };
  identify(sandbox, call);
  const plan = sandbox.faults.take(endpoint.operation, {
    publishId: call.trace.publishId,
    creator: call.trace.creator,
  });
  if (plan.delayMs > 0) await sleep(sandbox.clock, plan.delayMs);
  const outcome = await run(sandbox, endpoint, c.req.method, call, plan);
  sandbox.log.add({
    atMs: nowMs,
    operation: endpoint.operation,
    method: c.req.method,
    path: url.pathname,
    status: outcome.answer?.status ?? null,
    code: outcome.code,
    rule: outcome.refusal?.rule ?? null,
    message: outcome.refusal?.message ?? null,
    fault: plan.id,
    clientKey: call.trace.clientKey ?? null,
    creator: call.trace.creator ?? null,
    publishId: call.trace.publishId ?? null,
  });
  if (outcome.answer === null) {
    c.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
  for (const [name, value] of Object.entries(outcome.answer.headers ?? {}))
    headers.set(name, value);
  if (sandbox.knobs.logIdHeader) headers.set("x-tt-logid", call.logId);
  return new Response(outcome.answer.body, { status: outcome.answer.status, headers });
}

type Outcome = { answer: Answer | null; code: string; refusal: Refusal | null };

async function run(
  sandbox: Sandbox,
  endpoint: Endpoint,
  method: string,
  call: Call,
  { rule }: FaultPlan,
): Promise<Outcome> {
  if (rule?.kind === "drop-before") return { answer: null, code: "dropped", refusal: null };
  if (rule?.kind === "status" && rule.when === "before") {
    return {
      answer: faultAnswer(endpoint, call, rule),
      code: rule.code ?? "gateway",
      refusal: null,
    };
  }
  const outcome = await attempt(sandbox, endpoint, method, call);
  if (rule?.kind === "drop-after") return { ...outcome, answer: null };
  if (rule?.kind === "status") return { ...outcome, answer: faultAnswer(endpoint, call, rule) };
  return outcome;
}

async function attempt(
  sandbox: Sandbox,
  endpoint: Endpoint,
  method: string,
  call: Call,
): Promise<Outcome> {
  try {
    if (!call.url.pathname.endsWith("/") && sandbox.knobs.slashlessPaths === "refuse") {
      throw refuse("unsupported_path", "§0 every path ends with a slash");
    }
    if (method !== endpoint.method) {
      throw refuse("unsupported_path", "§0 method", {
        status: 405,
        message: "Method not allowed.",
      });
    }
    if (endpoint.contentType !== null && call.contentType !== endpoint.contentType) {
      throw endpoint.dialect === "oauth"
        ? refuseOAuth(
            "invalid_request",
            "The request parameters are malformed.",
            "§1.4 Content-Type",
          )
        : refuse("invalid_params", `§4 Content-Type ${endpoint.contentType}`);
    }
    const answer = await endpoint.handle(sandbox, call);
    const refusal = call.trace.refusal ?? null;
    return { answer, code: refusal?.code ?? "ok", refusal };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { answer: render(sandbox, endpoint, call, error), code: error.code, refusal: error };
  }
}

function render(sandbox: Sandbox, endpoint: Endpoint, call: Call, refusal: Refusal): Answer {
  if (endpoint.dialect === "oauth") {
    return answerJson(refusal.status === 0 ? sandbox.knobs.oauthErrorStatus : refusal.status, {
      error: refusal.code,
      error_description: refusal.message,
      log_id: call.logId,
    });
  }
  const code = refusal.code === "invalid_params" ? sandbox.knobs.invalidParamsCode : refusal.code;
  const error = { code, message: refusal.message, log_id: call.logId };
  // Posting endpoints answer the error alone; token errors and user info carry an empty `data` (§4.4).
  const hasData = refusal.status === 401 || endpoint.operation === "userInfo";
  const answer = answerJson(refusal.status, hasData ? { data: {}, error } : { error });
  if (refusal.retryAfterMs === null || !sandbox.knobs.retryAfterHeader) return answer;
  return { ...answer, headers: { "retry-after": String(Math.ceil(refusal.retryAfterMs / 1000)) } };
}

function faultAnswer(
  endpoint: Endpoint,
  call: Call,
  rule: Extract<FaultPlan["rule"], { kind: "status" }>,
): Answer {
  if (rule.code === undefined) {
    return { status: rule.status, body: gatewayHtml, headers: { "content-type": "text/html" } };
  }
  const { code, message } = rule;
  return endpoint.dialect === "oauth"
    ? answerJson(rule.status, { error: code, error_description: message, log_id: call.logId })
    : answerJson(rule.status, { data: {}, error: { code, message, log_id: call.logId } });
}

/** Faults may single out a creator or a task before the handler has looked at anything. */
function identify(sandbox: Sandbox, call: Call): void {
  const token =
    call.bearer === null ? undefined : sandbox.store.tokens.get(secretHash(call.bearer));
  if (token !== undefined) {
    call.trace.creator = token.username;
    call.trace.clientKey = token.clientKey;
  }
  const publishId = /"publish_id"\s*:\s*"([^"\\]{1,64})"/.exec(call.text)?.[1];
  if (publishId !== undefined) call.trace.publishId = publishId;
}
