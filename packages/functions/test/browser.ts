/**
 * A browser as far as the API can tell: it keeps cookies, names its origin with every write and states the length of
 * its bodies. Every answer is held against the contract as it comes in, so that no test has to.
 */
import { expect } from "vitest";
import * as z from "zod/mini";
import { operations } from "../openapi/document.ts";
import { type Problem, problem } from "../src/contract.ts";

export interface Answer {
  method: string;
  path: string;
  status: number;
  headers: Headers;
  text: string;
  /** Null when the body is not JSON. */
  json: unknown;
}

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  text?: string;
  /** Null takes away what the browser would send by itself. */
  headers?: Record<string, string | null>;
}

export interface Browser {
  cookies: Map<string, string>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  get(path: string, options?: CallOptions): Promise<Answer>;
  post(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
}

export interface BrowserDeps {
  origin: string;
  fetch: (request: Request) => Promise<Response>;
  /** Every answer is put here too. */
  answers: Answer[];
}

export function createBrowser(deps: BrowserDeps): Browser {
  const cookies = new Map<string, string>();
  const call = async (method: string, path: string, options: CallOptions = {}) => {
    const response = await deps.fetch(requestOf(deps.origin, cookies, { method, path, options }));
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const json: unknown = isJson ? JSON.parse(text) : null;
    const { status, headers } = response;
    const answer: Answer = { method, path, status, headers, text, json };
    deps.answers.push(answer);
    checkContract(answer);
    return answer;
  };
  return {
    cookies,
    call,
    get: (path, options) => call("GET", path, options),
    post: (path, body, options) => call("POST", path, { ...options, body }),
  };
}

/** The answer's body, once it is known to be what the schema says. */
export function read<Schema extends z.core.$ZodType>(
  answer: Answer,
  schema: Schema,
): z.infer<Schema> {
  expect(answer.status, answer.text).toBeLessThan(300);
  return z.parse(schema, answer.json);
}

export function expectProblem(answer: Answer, status: number, code: string): Problem {
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(`"${code}"`)]);
  const body = problem.parse(answer.json);
  expect(body.code).toBe(code);
  return body;
}

function requestOf(
  origin: string,
  cookies: Map<string, string>,
  { method, path, options }: { method: string; path: string; options: CallOptions },
): Request {
  const text = options.text ?? (options.body === undefined ? null : JSON.stringify(options.body));
  const headers = new Headers();
  if (cookies.size > 0) {
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
  }
  if (method !== "GET") headers.set("origin", origin);
  if (text !== null) {
    headers.set("content-type", "application/json");
    headers.set("content-length", String(Buffer.byteLength(text)));
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Request(`${origin}${path}`, { method, headers, body: text });
}

/** Lifetimes are left to the server's own checks: this browser sends a cookie until it is told to forget it. */
function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split("; ");
  const [name = "", value = ""] = pair.split("=", 2);
  if (attributes.includes("Max-Age=0")) cookies.delete(name);
  else cookies.set(name, value);
}

/** Strict both ways: what the schema names is there, and what is there the schema names. */
function checkContract(answer: Answer): void {
  const { method, status, json } = answer;
  if (status >= 400 && answer.path !== "/api/health") {
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(problem.parse(json)).toEqual(json);
    expect(json).toMatchObject({ status });
    return;
  }
  const path = answer.path.split("?")[0] ?? "";
  const operation = operations.find(
    (one) => one.method.toUpperCase() === method && patternOf(one.path).test(path),
  );
  expect(operation, `${method} ${path} is described`).toBeDefined();
  if (status < 400) expect(status).toBe(operation?.status);
  if (operation?.response) expect(z.parse(operation.response, json)).toEqual(json);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`);
}
