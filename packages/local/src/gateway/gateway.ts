/**
 * The one public origin: API Gateway under the API's prefixes, the page everywhere else.
 *
 * Moves requests into functions and answers back, with the gateway's limits on size and time.
 * Listening is left to `listen.ts`, and what a request means to its function.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeRefusedError } from "../lambda/limits.ts";
import type { Result } from "../lambda/process.ts";
import { createEvent, splitUrl } from "./event.ts";
import { gatewayError, type HttpResponse, toHttpResponse } from "./response.ts";
import { matchRoute, type Route } from "./routes.ts";
import { type SiteOptions, serveSite } from "./site.ts";

export type GatewayOptions = {
  routes: Route[];
  apiPrefixes: string[];
  region: string;
  site: SiteOptions;
  /** Added to every answer, the page's and the API's. */
  headers: Record<string, string>;
  invoke(functionName: string, payload: Buffer): Promise<Result>;
  onProblem(line: string): void;
  /** How long the gateway waits for a function. */
  timeoutMs?: number;
};

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
export const requestBytesMax = 10 * 1024 * 1024;
const integrationTimeoutMs = 30_000;

export function createGateway(options: GatewayOptions): RequestListener {
  return (request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      // The visitor went away, or a file vanished while it was being sent.
      if (!response.headersSent) send(request, response, gatewayError(500));
      else response.destroy();
      if (!request.destroyed) options.onProblem(`${request.method} ${String(error)}`);
    });
  };
}

async function handle(
  options: GatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
  const { path } = splitUrl(request.url ?? "/");
  const isApi = options.apiPrefixes.some(
    (prefix) => path === prefix || path.startsWith(`${prefix}/`),
  );
  if (!isApi) return serveSite(request, response, options.site);
  send(request, response, await callApi(options, request, path));
}

async function callApi(
  options: GatewayOptions,
  request: IncomingMessage,
  path: string,
): Promise<HttpResponse> {
  const method = request.method ?? "GET";
  const match = matchRoute(options.routes, method, path);
  if (match === null) return gatewayError(404);
  const body = await readBody(request);
  if (body === null) return gatewayError(413);
  const { url = "/", headersDistinct, socket } = request;
  const event = createEvent(
    { method, url, headersDistinct, body, sourceIp: socket.remoteAddress ?? "127.0.0.1" },
    match,
    { region: options.region, nowMs: Date.now() },
  );
  const giveUp = new AbortController();
  try {
    const result = await Promise.race([
      options.invoke(match.function, Buffer.from(JSON.stringify(event))),
      sleep(options.timeoutMs ?? integrationTimeoutMs, null, { signal: giveUp.signal }),
    ]);
    // The function runs on, as it does on AWS; only nobody waits for it any more.
    return result === null ? gatewayError(503) : toHttpResponse(result);
  } catch (error) {
    if (!(error instanceof InvokeRefusedError)) throw error;
    return gatewayError(error.code === "RequestTooLargeException" ? 413 : 503);
  } finally {
    giveUp.abort();
  }
}

/** The whole body, or null when it is beyond the gateway's limit; then the rest is dropped unread. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers["content-length"] ?? 0) > requestBytesMax) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= requestBytesMax) chunks.push(chunk);
  }
  return bytes <= requestBytesMax ? Buffer.concat(chunks) : null;
}

function send(request: IncomingMessage, response: ServerResponse, answer: HttpResponse): void {
  const hasBody = request.method !== "HEAD" && answer.status !== 204 && answer.status !== 304;
  const headers = { ...answer.headers };
  if (hasBody) headers["content-length"] = String(answer.body.length);
  // What is left of a refused body is read and dropped, so that the sender gets to see the answer.
  if (!request.complete) {
    headers.connection = "close";
    request.resume();
  }
  response.writeHead(answer.status, headers).end(hasBody ? answer.body : undefined);
}
