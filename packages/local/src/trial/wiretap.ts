/**
 * Hears every secret that servers of this process hand out or are shown: tokens, codes, upload addresses and cookies in
 * their answers, signatures in the addresses that they are asked for. It changes nothing on the wire.
 *
 * Node tells of each request before any server has seen it, so no server has to know:
 * https://nodejs.org/docs/latest-v24.x/api/diagnostics_channel.html#http
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import type { Secret } from "./ledger.ts";

/** Where secrets are in texts: each pattern's group is the secret itself. */
const patterns: [Secret["kind"], RegExp][] = [
  ["access token", /"access_token"\s*:\s*"([^"]+)"/g],
  ["refresh token", /"refresh_token"\s*:\s*"([^"]+)"/g],
  ["upload URL", /[?&]upload_token=([^"&\s\\]+)/g],
  ["signed URL", /[?&]X-Amz-Signature=([0-9a-f]{64})/gi],
];

/** Larger answers are videos. */
const textBytesMax = 1024 * 1024;
const channel = "http.server.request.start";

/** Answers how to stop. */
export function tapServers(hear: (secret: Secret) => void): () => void {
  const onRequest = (message: unknown) => {
    if (typeof message !== "object" || message === null) return;
    if (!("request" in message && message.request instanceof IncomingMessage)) return;
    hearText(message.request.url ?? "", hear);
    if ("response" in message && message.response instanceof ServerResponse) {
      tapResponse(message.response, hear);
    }
  };
  subscribe(channel, onRequest);
  return () => void unsubscribe(channel, onRequest);
}

function tapResponse(response: ServerResponse, hear: (secret: Secret) => void): void {
  const hearBody = ([chunk]: unknown[]) => {
    const isText = typeof chunk === "string" || chunk instanceof Uint8Array;
    if (!isText || chunk.length > textBytesMax) return;
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1");
    if (/^\s*[{[<]/.test(text)) hearText(text, hear);
  };
  intercept(response, "write", hearBody);
  intercept(response, "end", hearBody);
  intercept(response, "writeHead", (given) => {
    for (const [name, value] of headersOf(response, given)) hearHeader(name, value, hear);
  });
}

/** The method as it was, after `listen` has heard what it is called with. */
function intercept(
  response: ServerResponse,
  method: "write" | "end" | "writeHead",
  listen: (given: unknown[]) => void,
): void {
  const original: unknown = response[method];
  if (typeof original !== "function") return;
  const value = (...given: unknown[]) => {
    listen(given);
    return Reflect.apply(original, response, given);
  };
  Object.defineProperty(response, method, { value, configurable: true, writable: true });
}

/** Headers may have been set before, or come with the head as an object or as a flat list. */
function* headersOf(response: ServerResponse, given: unknown[]): Generator<[string, string]> {
  const last = given.at(-1);
  const flat = Array.isArray(last) ? last.flat() : [];
  const named = typeof last === "object" && last !== null && !Array.isArray(last) ? last : {};
  const pairs: [unknown, unknown][] = [
    ...Object.entries(response.getHeaders()),
    ...Object.entries(named),
    ...Array.from({ length: flat.length / 2 }, (_, n): [unknown, unknown] => [
      flat[2 * n],
      flat[2 * n + 1],
    ]),
  ];
  for (const [name, values] of pairs) {
    for (const value of Array.isArray(values) ? values : [values]) {
      yield [String(name).toLowerCase(), String(value)];
    }
  }
}

function hearHeader(name: string, value: string, hear: (secret: Secret) => void): void {
  if (name === "set-cookie") {
    const cookie = /^[^=]+=([^;]+)/.exec(value)?.[1];
    if (cookie !== undefined) hear({ kind: "cookie", value: cookie });
  }
  if (name !== "location") return;
  hearText(value, hear);
  const code = URL.parse(value, "http://localhost")?.searchParams.get("code");
  if (code) hear({ kind: "code", value: code });
}

function hearText(text: string, hear: (secret: Secret) => void): void {
  for (const [kind, pattern] of patterns) {
    for (const [, value] of text.matchAll(pattern)) if (value) hear({ kind, value });
  }
}
