/**
 * From what a function answered to the HTTP response, by the rules of payload format 2.0.
 *
 * A function that fails, or that answers something which is no response, becomes the gateway's own
 * 500 with no detail in it: the reason is in the function's log.
 */
import { z } from "zod";
import type { Result } from "../lambda/process.ts";

export type HttpResponse = {
  status: number;
  /** Several values for one name mean several lines; only `set-cookie` needs that. */
  headers: Record<string, string | string[]>;
  body: Buffer;
};

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** The gateway sets these itself. */
const ownHeaders = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

export function toHttpResponse(result: Pick<Result, "functionError" | "payload">): HttpResponse {
  if (result.functionError !== null) return gatewayError(500);
  const value: unknown = JSON.parse(result.payload.toString("utf8"));
  if (!isStructured(value)) return inferResponse(value, result.payload);
  const parsed = structured.safeParse(value);
  if (!parsed.success) return gatewayError(500);
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const out: HttpResponse["headers"] = {};
  for (const [name, header] of Object.entries(headers ?? {})) {
    if (!ownHeaders.has(name.toLowerCase())) out[name.toLowerCase()] = String(header);
  }
  if (cookies && cookies.length > 0) out["set-cookie"] = cookies;
  const bytes = Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > 0) out["content-type"] ??= "text/plain;charset=UTF-8";
  return { status: statusCode, headers: out, body: bytes };
}

const messageByStatus = {
  404: "Not Found",
  413: "Request Entity Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** A refusal by the gateway itself. */
export function gatewayError(status: keyof typeof messageByStatus): HttpResponse {
  return json(status, Buffer.from(JSON.stringify({ message: messageByStatus[status] })));
}

/** Without a `statusCode`, the answer itself is the body. */
function inferResponse(value: unknown, payload: Buffer): HttpResponse {
  return json(200, typeof value === "string" ? Buffer.from(value) : payload);
}

function isStructured(value: unknown): boolean {
  return typeof value === "object" && value !== null && "statusCode" in value;
}

function json(status: number, body: Buffer): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body };
}
