/**
 * From an HTTP request to the event a function sees: API Gateway v2, payload format 2.0, as it
 * arrives behind the Router.
 *
 * The Router puts the public host into `x-forwarded-host` and sends the API's own name as `host`; a
 * function that takes its origin from `host` would break on AWS, so it breaks here too.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomBytes } from "node:crypto";
import { accountId } from "../lambda/functions.ts";
import type { RouteMatch } from "./routes.ts";

export type HttpRequest = {
  method: string;
  /** Path and query as they were sent. */
  url: string;
  /** Every value of every header, by lower-case name. */
  headersDistinct: Record<string, string[] | undefined>;
  body: Buffer;
  sourceIp: string;
};

export type GatewayEvent = {
  version: "2.0";
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  pathParameters?: Record<string, string>;
  requestContext: object;
  body?: string;
  isBase64Encoded: boolean;
};

const apiId = "local";

/** Between two hops only; what came in on this connection says nothing about the next. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te"]);

export function createEvent(
  request: HttpRequest,
  match: RouteMatch,
  context: { region: string; nowMs: number },
): GatewayEvent {
  const { path, query } = splitUrl(request.url);
  const domainName = `${apiId}.execute-api.${context.region}.amazonaws.com`;
  const headers = joinHeaders(request, domainName);
  const cookies = (request.headersDistinct.cookie ?? []).flatMap((line) => line.split(/;\s*/));
  const parameters = joinParameters(query);
  const isText = request.body.length === 0 || isTextType(headers["content-type"]);
  return {
    version: "2.0",
    routeKey: match.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(parameters === null ? {} : { queryStringParameters: parameters }),
    ...(Object.keys(match.pathParameters).length > 0
      ? { pathParameters: match.pathParameters }
      : {}),
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: apiId,
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomBytes(11).toString("base64url"),
      routeKey: match.routeKey,
      stage: "$default",
      time: formatTime(context.nowMs),
      timeEpoch: context.nowMs,
    },
    ...(request.body.length > 0 ? { body: request.body.toString(isText ? "utf8" : "base64") } : {}),
    isBase64Encoded: !isText,
  };
}

/** The decoded path, as the gateway matches and hands it on, and the query as it was sent. */
export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf("?");
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  try {
    return { path: decodeURIComponent(rawPath), query };
  } catch {
    return { path: rawPath, query };
  }
}

function joinHeaders(request: HttpRequest, domainName: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    // Cookies have a field of their own in format 2.0.
    if (values === undefined || name === "cookie" || hopByHop.has(name)) continue;
    headers[name] = values.join(",");
  }
  const publicHost = headers.host ?? "localhost";
  return {
    ...headers,
    host: domainName,
    "x-amzn-trace-id": `Root=1-${randomBytes(4).toString("hex")}-${randomBytes(12).toString("hex")}`,
    "x-forwarded-for": request.sourceIp,
    "x-forwarded-host": publicHost,
    "x-forwarded-port": publicHost.split(":")[1] ?? "80",
    "x-forwarded-proto": "http",
  };
}

/** Decoded; a name given twice has its values joined by a comma. Null when there is no query. */
function joinParameters(query: string): Record<string, string> | null {
  if (query === "") return null;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters[name];
    parameters[name] = before === undefined ? value : `${before},${value}`;
  }
  return parameters;
}

/** What the gateway hands over as text; everything else, form posts included, comes as base64. */
function isTextType(contentType: string | undefined): boolean {
  const type = (contentType ?? "text/plain").split(";")[0]?.trim().toLowerCase() ?? "";
  return /^text\/|^application\/(json|javascript|xml)$|\+(json|xml)$/.test(type);
}

/** `12/Mar/2020:19:03:58 +0000` */
function formatTime(nowMs: number): string {
  const [, day, month, year, time] = new Date(nowMs).toUTCString().split(/,? /);
  return `${day}/${month}/${year}:${time} +0000`;
}
