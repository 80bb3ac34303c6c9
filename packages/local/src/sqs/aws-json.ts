/**
 * AWS's JSON protocols (1.0 and 1.1) on loopback: one POST per call, the action in `X-Amz-Target`, errors by `__type`.
 *
 * Owns reading a bounded body, finding the action, shaping answers and errors, and an end that is immediate. What an
 * action means belongs to the service behind it. Signatures are not checked: whoever can reach the loopback interface
 * of this machine may call. Web pages cannot: the header makes every call a preflighted one, which gets no permission,
 * and a foreign Host (DNS rebinding) is refused.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The account that owns everything local; it appears in ARNs and queue URLs. */
export const accountId = "000000000000";

/** What is reported of a caller that left before its answer; nginx's number for it. */
export const callerGoneStatus = 499;

const host = "127.0.0.1";
const localHosts = new Set(["127.0.0.1", "localhost"]);

/** An error that AWS would answer; `code` is what SDKs of the older query protocol know it by. */
export class AwsError extends Error {
  readonly type: string;
  readonly code: string;
  readonly status: number;

  constructor(options: { type: string; message: string; code?: string; status?: number }) {
    super(options.message);
    this.name = "AwsError";
    this.type = options.type;
    this.code = options.code ?? options.type.slice(options.type.indexOf("#") + 1);
    this.status = options.status ?? 400;
  }
}

export type AwsCall = {
  action: string;
  body: unknown;
  /** Aborts when the caller has gone, so that nothing is handed to a dead connection. */
  signal: AbortSignal;
};

export type AwsJsonOptions = {
  port: number;
  /** What precedes the dot in `X-Amz-Target`: `AmazonSQS`, `TrentService`. */
  targetPrefix: string;
  version: "1.0" | "1.1";
  bodyBytesMax: number;
  run: (call: AwsCall) => Promise<object>;
  onAnswer?: (record: { action: string; body: unknown; status: number }) => void;
};

export type AwsJsonServer = { url: string; port: number; close: () => Promise<void> };

/** Listens on 127.0.0.1 (port 0 takes a free one); rejects with Node's own error when the port is taken. */
export async function serveAwsJson(options: AwsJsonOptions): Promise<AwsJsonServer> {
  const server = createServer((request, response) => {
    void answer(options, request, response);
  });
  // Longer than the SDK keeps an idle connection, so that it never writes into one that is just closing.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: AwsJsonOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  let action = "";
  let body: unknown;
  let status = 200;
  let result: object;
  try {
    action = readAction(options, request);
    body = parse(await readBody(request, options.bodyBytesMax));
    result = await options.run({ action, body, signal: gone.signal });
  } catch (error) {
    const failure = error instanceof AwsError ? error : internalFailure(error);
    status = failure.status;
    response.setHeader(
      "x-amzn-query-error",
      `${failure.code};${status < 500 ? "Sender" : "Receiver"}`,
    );
    result = { __type: failure.type, message: failure.message };
  }
  if (!request.complete) {
    // What is left of a refused body is not worth reading.
    response.setHeader("connection", "close");
  }
  if (response.destroyed) {
    options.onAnswer?.({ action, body, status: callerGoneStatus });
    return;
  }
  response.writeHead(status, {
    "content-type": `application/x-amz-json-${options.version}`,
    "x-amzn-requestid": randomUUID(),
  });
  response.end(JSON.stringify(result));
  options.onAnswer?.({ action, body, status });
}

function readAction(options: AwsJsonOptions, request: IncomingMessage): string {
  const hostname = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!localHosts.has(hostname)) {
    throw new AwsError({
      type: "com.amazon.coral.service#AccessDeniedException",
      message: "This server answers only to its loopback address.",
      status: 403,
    });
  }
  const target = request.headers["x-amz-target"];
  const prefix = `${options.targetPrefix}.`;
  if (request.method !== "POST" || typeof target !== "string" || !target.startsWith(prefix)) {
    throw unknownOperation(String(target ?? request.method));
  }
  return target.slice(prefix.length);
}

export function unknownOperation(action: string): AwsError {
  return new AwsError({
    type: "com.amazon.coral.service#UnknownOperationException",
    message: `The operation ${action} does not exist here.`,
  });
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new AwsError({
        type: "com.amazon.coral.service#RequestEntityTooLargeException",
        message: `The request is larger than ${bytesMax} bytes.`,
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const error = new AwsError({
      type: "com.amazon.coral.service#SerializationException",
      message: "The request body is not JSON.",
    });
    error.cause = cause;
    throw error;
  }
}

/** A bug of ours: the caller learns that it is not to blame, and what broke. */
function internalFailure(error: unknown): AwsError {
  const message = error instanceof Error ? error.message : String(error);
  return new AwsError({
    type: "com.amazon.coral.service#InternalFailure",
    message: `The local server failed: ${message}`,
    status: 500,
  });
}
