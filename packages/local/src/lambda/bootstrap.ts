/**
 * The runtime inside an execution environment: the entry of every function's process.
 *
 * Loads the handler, then asks the Runtime API for one invocation after another and posts what the
 * handler returns or throws, as Lambda's Node 24 runtime does (promises only, no callbacks). It
 * exits by itself when its stdin closes, that is when the host is gone. Only node:http is used:
 * global `fetch` alone would cost a third of the cold start.
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { pathToFileURL } from "node:url";

type Handler = (event: unknown, context: object) => unknown;

const api = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

let currentRequestId: string | null = null;

async function main(): Promise<void> {
  exitWithHost();
  process.on("uncaughtException", (error) => void dieOf(error, 129));
  process.on("unhandledRejection", (reason) => {
    const error = new Error(describe(reason).errorMessage, { cause: reason });
    error.name = "Runtime.UnhandledPromiseRejection";
    void dieOf(error, 128);
  });
  const handler = await loadHandler();
  // One environment serves one invocation at a time until the host ends it.
  for (;;) await serveNext(handler);
}

async function serveNext(handler: Handler): Promise<void> {
  const next = await call("GET", "invocation/next");
  const requestId = String(next.headers["lambda-runtime-aws-request-id"]);
  currentRequestId = requestId;
  let path = `invocation/${requestId}/response`;
  let body: string;
  try {
    const result = await handler(JSON.parse(next.body), createContext(next.headers));
    body = JSON.stringify(result) ?? "null";
  } catch (error) {
    console.error(error);
    path = `invocation/${requestId}/error`;
    body = JSON.stringify(describe(error));
  }
  await call("POST", path, body);
  currentRequestId = null;
}

async function loadHandler(): Promise<Handler> {
  const [file, name] = (process.env._HANDLER ?? "").split(".");
  const url = pathToFileURL(`${process.env.LAMBDA_TASK_ROOT}/${file}.mjs`);
  const module = (await import(url.href)) as Record<string, unknown>;
  const handler = module[name ?? ""];
  if (typeof handler === "function") return handler as Handler;
  const error = new Error(`${process.env._HANDLER} is undefined or not exported`);
  error.name = "Runtime.HandlerNotFound";
  throw error;
}

function createContext(headers: IncomingMessage["headers"]): object {
  const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

/** Reports what nobody caught, then ends the process: its state can no longer be trusted. */
async function dieOf(error: unknown, exitCode: number): Promise<never> {
  console.error(error);
  const path = currentRequestId === null ? "init/error" : `invocation/${currentRequestId}/error`;
  // The agent's one socket may be busy with the very call that failed.
  await call("POST", path, JSON.stringify(describe(error)), new Agent()).catch(() => undefined);
  process.exit(exitCode);
}

function describe(error: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (error instanceof Error) {
    const trace = (error.stack ?? "").split("\n");
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** The host holds our stdin open; a host that died by SIGKILL closes it too. */
function exitWithHost(): void {
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
  process.stdin.resume();
  // Ctrl-C reaches the whole process group; when this process ends is for the host to decide.
  process.on("SIGINT", () => undefined);
}

type Reply = { headers: IncomingMessage["headers"]; body: string };

function call(method: "GET" | "POST", path: string, body?: string, via = agent): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const outgoing = request(new URL(path, api), { method, agent: via, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

main().catch((error: unknown) => dieOf(error, 1));
