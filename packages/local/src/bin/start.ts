/**
 * `node packages/local/src/bin/start.ts`: starts everything, says where it is, and ends it on Ctrl-C.
 *
 * Only words and exit codes live here. A start that fails says why in one sentence and exits with 1;
 * a stop exits with 0 within three seconds, and at once on the second Ctrl-C.
 */
import { join, relative, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { readSystem } from "@clipcast/infra/plan";
import { AlreadyRunningError } from "../host/lock.ts";
import { PortTakenError } from "../host/ports.ts";
import { toReadable } from "../host/readable.ts";
import { type LocalHost, projectRoot, startLocal } from "../index.ts";

const usage = `Usage: start [options]
  --port N           the page and the API (default 4300)
  --sandbox-port N   the TikTok sandbox (default: the port after it)
  --s3-port N        S3, which browsers upload to (default: the second port after it)
  --dir PATH         where state is kept (default .local)
  --unaudited        as before TikTok's audit: private accounts and private posts only
  --fresh            forget the state of former runs
  --logs             show what the functions print
  --plan PATH        another plan than infra/plan/plan.json
`;

/** Terminals and package managers may both deliver the same Ctrl-C; a person needs longer for two. */
const repeatedSignalMs = 300;
const stopMsMax = 2800;

const print = (line = "") => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const options = readOptions();
  const calledOff = new AbortController();
  let host: LocalHost | null = null;
  onStopSignal(async () => {
    calledOff.abort();
    await (host === null ? starting.catch(() => undefined) : host.stop());
  });

  print(`\n  ${styleText("bold", "ClipCast Publish")}, on this machine\n`);
  const starting = startLocal({
    ...options,
    log: (line) => print(`  ${line}`),
    signal: calledOff.signal,
  });
  try {
    host = await starting;
  } catch (error) {
    if (calledOff.signal.aborted) return;
    throw error;
  }
  if (options.logs) {
    host.subscribe(({ functionName, line }) => {
      print(`  ${styleText("dim", functionName.padEnd(9))}  ${toReadable(line)}`);
    });
  }
  printWelcome(host, options.dir);
}

function printWelcome(host: LocalHost, dir: string): void {
  print(`\n  ${styleText("green", "➜")}  Open ${styleText(["bold", "cyan"], host.url)}\n`);
  print(`     TikTok sandbox  ${host.sandboxUrl}`);
  print(`     Function logs   ${nameFolder(join(dir, "logs"))}`);
  print(styleText("dim", `     Unlike AWS      ${host.unhonoured.join("; ")}`));
  print("\n     Ctrl-C stops.\n");
}

/** Short where it is below the present folder, whole where it is not. */
function nameFolder(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? resolve(path) : fromHere;
}

function readOptions() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    options: {
      port: { ...text, default: "4300" },
      "sandbox-port": text,
      "s3-port": text,
      dir: { ...text, default: join(projectRoot, ".local") },
      fresh: flag,
      unaudited: flag,
      logs: flag,
      plan: text,
      help: flag,
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const { "sandbox-port": sandboxPort, "s3-port": s3Port, plan } = values;
  return {
    dir: values.dir,
    fresh: values.fresh,
    logs: values.logs,
    settings: { isAudited: !values.unaudited },
    port: toPort("--port", values.port),
    ...(plan === undefined ? {} : { system: readSystem(plan) }),
    ...(sandboxPort === undefined ? {} : { sandboxPort: toPort("--sandbox-port", sandboxPort) }),
    ...(s3Port === undefined ? {} : { s3Port: toPort("--s3-port", s3Port) }),
  };
}

function toPort(option: string, value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new TypeError(`${option} takes a port number, not "${value}".`);
}

function onStopSignal(stop: () => Promise<unknown>): void {
  let firstMs: number | null = null;
  const onSignal = () => {
    if (firstMs !== null && performance.now() - firstMs > repeatedSignalMs) process.exit(130);
    if (firstMs !== null) return;
    firstMs = performance.now();
    setTimeout(() => process.exit(0), stopMsMax).unref();
    void stop().finally(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
}

main().catch((error: unknown) => {
  process.stderr.write(`\n  ${explain(error)}\n\n`);
  process.exit(1);
});

/** What a user can act on is one sentence; a bug keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isOption = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (isOption || error instanceof TypeError) return `${error.message}\n\n${usage}`;
  if (error instanceof PortTakenError || error instanceof AlreadyRunningError) return error.message;
  return error.stack ?? error.message;
}
