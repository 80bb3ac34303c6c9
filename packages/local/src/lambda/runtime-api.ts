/**
 * The Lambda Runtime API (2018-06-01) over loopback HTTP: what a runtime inside an execution
 * environment talks to.
 *
 * One server serves every environment. Each environment has its own unguessable address, so no
 * process can answer for another. The module only moves invocations and answers between HTTP and
 * its caller; processes, deadlines and concurrency are not its business.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { payloadBytesMax, responseTooLarge } from "./limits.ts";

export type Invocation = {
  requestId: string;
  payload: Buffer;
  deadlineMs: number;
  functionArn: string;
};

export type Answer = { type: "response" | "error"; payload: Buffer };

/** What an environment's runtime tells its owner. */
export type ChannelEvents = {
  /** The runtime asks for work: init is over, or the last invocation is. */
  onNext(): void;
  onAnswer(requestId: string, answer: Answer): void;
  onInitError(payload: Buffer): void;
};

export type Channel = {
  /** The value of AWS_LAMBDA_RUNTIME_API for this environment. */
  address: string;
  /** Hands over one invocation, at once or when the runtime next asks. */
  deliver(invocation: Invocation): void;
  close(): void;
};

export type RuntimeApi = { open(events: ChannelEvents): Channel; close(): Promise<void> };

type Session = { events: ChannelEvents; invocation?: Invocation; waiting?: ServerResponse };

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const sessionById = new Map<string, Session>();
  const server = createServer((request, response) => {
    const [, id = "", ...path] = (request.url ?? "").split("/");
    const session = sessionById.get(id);
    if (session === undefined) return reply(response, 403);
    route(session, path.join("/"), request, response).catch(() => response.destroy());
  });
  // A runtime waits in `next` for as long as nobody calls its function.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    open(events) {
      const id = randomBytes(16).toString("hex");
      const session: Session = { events };
      sessionById.set(id, session);
      return {
        address: `127.0.0.1:${port}/${id}`,
        deliver(invocation) {
          session.invocation = invocation;
          flush(session);
        },
        close() {
          sessionById.delete(id);
          session.waiting?.destroy();
        },
      };
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function route(
  session: Session,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [version, area, ...rest] = path.split("/");
  if (version !== "2018-06-01" || area !== "runtime") return reply(response, 404);
  const action = rest.join("/");
  if (action === "invocation/next") {
    session.waiting = response;
    session.events.onNext();
    return flush(session);
  }
  const payload = await readBody(request);
  if (action === "init/error") {
    session.events.onInitError(payload ?? Buffer.alloc(0));
    return reply(response, 202);
  }
  const match = /^invocation\/([^/]+)\/(response|error)$/.exec(action);
  if (match === null) return reply(response, 404);
  const [, requestId = "", kind] = match;
  if (payload === null) {
    const tooLarge = Buffer.from(JSON.stringify(responseTooLarge()));
    session.events.onAnswer(requestId, { type: "error", payload: tooLarge });
    return reply(response, 413);
  }
  session.events.onAnswer(requestId, { type: kind as Answer["type"], payload });
  reply(response, 202);
}

/** Gives the pending invocation to the waiting runtime, once both are there. */
function flush(session: Session): void {
  const { invocation, waiting } = session;
  if (invocation === undefined || waiting === undefined) return;
  delete session.invocation;
  delete session.waiting;
  waiting.writeHead(200, {
    "content-type": "application/json",
    "content-length": invocation.payload.length,
    "lambda-runtime-aws-request-id": invocation.requestId,
    "lambda-runtime-deadline-ms": String(invocation.deadlineMs),
    "lambda-runtime-invoked-function-arn": invocation.functionArn,
  });
  waiting.end(invocation.payload);
}

/** The whole body, or null when it is beyond Lambda's limit; then the rest is read and dropped. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= payloadBytesMax) chunks.push(chunk);
  }
  return bytes <= payloadBytesMax ? Buffer.concat(chunks) : null;
}

function reply(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-length": 0 }).end();
}
