/**
 * The heads of HTTP/1.1 messages (RFC 9112): written for requests, read from answers, without a byte of body. What does
 * not follow the grammar is an error and never a guess: on a connection that is used again, a guess is a stranger's answer.
 */
import { assert } from "../errors/index.ts";
import { BrokenConnection } from "./broken.ts";

export interface Head {
  status: number;
  /** By lower-case name; what came several times is joined by ", ". */
  headers: ReadonlyMap<string, string>;
  /** Null when only the connection's end tells, or a coding that nobody asked for. */
  bodyBytes: number | null;
  /** Whether the connection takes another request after this answer. */
  isKeptAlive: boolean;
}

/** Names are tokens; values are anything visible, and nothing that could end a line (RFC 9110, 5.5). */
const nameRule = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const valueRule = /^[\t\x20-\x7e\x80-\xff]*$/;
const statusRule = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/;
/** Far above any file, and a safe integer. */
const lengthRule = /^\d{1,15}$/;

/** A request's head, with the empty line. `url` is absolute; its fragment is not sent. */
export function writeHead(
  method: "GET" | "PUT",
  url: URL,
  headers: Readonly<Record<string, string>>,
): Buffer {
  const fields = Object.entries({ host: url.host, ...headers });
  for (const [name, value] of fields) {
    assert(nameRule.test(name) && valueRule.test(value), `the header ${name} is one line`);
  }
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return Buffer.from(text, "latin1");
}

/** Reads everything before the empty line. Throws `BrokenConnection`. */
export function readHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const [, minor, digits] = statusRule.exec(first) ?? refuse("status line");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, "");
    // A line that begins with a space would be the rest of the one before: obsolete, and refused (RFC 9112, 5.2).
    if (!nameRule.test(name) || !valueRule.test(value)) refuse("header");
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  const status = Number(digits);
  const tokens = (headers.get("connection") ?? "").toLowerCase().split(/[ \t]*,[ \t]*/);
  return {
    status,
    headers,
    bodyBytes: bodyBytesOf(status, headers),
    // A coding is never read to its end, not even where an answer has no body and should have none (RFC 9112, 6.1).
    isKeptAlive: minor === "1" && !tokens.includes("close") && !headers.has("transfer-encoding"),
  };
}

function bodyBytesOf(status: number, headers: Head["headers"]): number | null {
  if (status < 200 || status === 204 || status === 304) return 0;
  // Where both are given the coding counts, and the length is an attack (RFC 9112, 6.3).
  if (headers.has("transfer-encoding")) return null;
  const length = headers.get("content-length");
  if (length === undefined) return null;
  // Also refuses two lengths, which were joined.
  return lengthRule.test(length) ? Number(length) : refuse("content-length");
}

function refuse(what: string): never {
  throw new BrokenConnection("WIRE_PROTOCOL", `an answer has a malformed ${what}`);
}
