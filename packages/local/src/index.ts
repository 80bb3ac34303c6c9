/**
 * The embedded host: the whole system of plan.json on one machine, with no account.
 *
 * `startLocal` starts the servers, creates what the plan names, builds functions and page, and then
 * delivers HTTP, queue messages and schedules to functions as AWS would. It promises to leave nothing
 * behind when it fails or stops, and to find its state again at the next start. Each part is its own
 * module; this one only puts them in order.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSystem, type System } from "@clipcast/infra/plan";
import type { RunningSandbox, SandboxOptions } from "@clipcast/sandbox";
import { createGateway } from "./gateway/gateway.ts";
import { listenLocal } from "./gateway/listen.ts";
import { announce } from "./host/announce.ts";
import { buildFunctions, buildPage } from "./host/build.ts";
import { type CloseStack, createCloseStack } from "./host/close-stack.ts";
import { localHeaders } from "./host/headers.ts";
import type { Links } from "./host/links.ts";
import { createLogs, type LogLine } from "./host/logs.ts";
import { listUnhonoured } from "./host/notices.ts";
import { withPort } from "./host/ports.ts";
import { createResources } from "./host/resources.ts";
import { loadSecrets } from "./host/secrets.ts";
import { type Endpoints, region, startServices } from "./host/services.ts";
import { checkSchedules, startSources } from "./host/sources.ts";
import { openStateDir } from "./host/state-dir.ts";
import type { PoolStats } from "./lambda/pool.ts";

export type LocalOptions = {
  /** Where state lives between runs. */
  dir: string;
  /** The public origin's port; 0 takes free ones for everything. */
  port: number;
  /** Default: the port after `port`. */
  sandboxPort?: number;
  /** Default: the second port after `port`. */
  s3Port?: number;
  /** Forget the state of former runs. */
  fresh?: boolean;
  /** Default: the committed plan. */
  system?: System;
  /** Takes a short line for each step of the start, and for what goes wrong later. */
  log?: (line: string) => void;
  /** False leaves schedules and sweeps to the caller. */
  schedules?: boolean;
  /** Knobs of the TikTok sandbox, laid over what it remembers. */
  sandbox?: SandboxOptions["knobs"];
  /** Laid over the plan's `Settings` link. */
  settings?: Record<string, unknown>;
  /** Laid over what a function finds in its environment; asked for each of its processes. */
  environment?: (functionName: string) => Record<string, string>;
  /** Calls the start off. */
  signal?: AbortSignal;
};

export type LocalHost = {
  /** The page and, under /api, the API. */
  url: string;
  sandboxUrl: string;
  s3Url: string;
  /** To set knobs and faults while it runs. */
  sandbox: RunningSandbox;
  endpoints: Endpoints;
  /** What functions read through SST's `Resource`, by link name. */
  links: Links;
  /** Settings of the plan that one machine cannot honour. */
  unhonoured: string[];
  invoke(functionName: string, event: unknown): Promise<InvokeResult>;
  /** Ends the function's processes by SIGKILL; answers how many there were. */
  kill(functionName: string): number;
  stats(functionName: string): PoolStats;
  /** Hears every line that functions print; answers how to stop listening. */
  subscribe(listener: (line: LogLine) => void): () => void;
  /** Within three seconds; leaves no process behind. */
  stop(): Promise<void>;
};

export type InvokeResult = { functionError: "Unhandled" | null; payload: unknown };

export const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));

export async function startLocal(options: LocalOptions): Promise<LocalHost> {
  const log = options.log ?? (() => undefined);
  const stack = createCloseStack(log);
  options.signal?.addEventListener("abort", () => void stack.close());
  try {
    const host = await compose(options, log, stack);
    options.signal?.throwIfAborted();
    return host;
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function compose(
  options: LocalOptions,
  log: (line: string) => void,
  stack: CloseStack,
): Promise<LocalHost> {
  const system = readPlan(options);
  const { dir, release } = openStateDir({ dir: options.dir, isFresh: options.fresh ?? false });
  stack.defer(release);
  const logs = createLogs({ dir: join(dir, "logs") });
  const secrets = loadSecrets(join(dir, "secrets.json"));
  const listener = await withPort(
    { purpose: "the page and the API", option: "--port", number: options.port },
    () => listenLocal(options.port),
  );
  stack.defer(() => listener.close());
  const origin = `http://localhost:${listener.port}`;

  const services = await startServices({
    dir,
    origin,
    secrets,
    ...choosePorts(options),
    isAudited: system.links.Settings?.isAudited === true,
    ...(options.sandbox === undefined ? {} : { knobs: options.sandbox }),
  });
  stack.defer(() => services.close());
  const resources = await createResources({ system, services, secrets, origin });
  stack.defer(() => resources.close());
  log("servers    S3, SQS, DynamoDB, KMS and the TikTok sandbox are up");

  const [functions, site] = await Promise.all([
    buildFunctions(
      { ...options, system, root: projectRoot, dir, services, resources, log, write: logs.write },
      stack,
    ),
    buildPage(system, projectRoot, log, stack),
  ]);
  listener.serve(
    createGateway({
      ...system,
      headers: localHeaders(system, services.s3.url),
      region,
      site,
      invoke: functions.invoke,
      onProblem: log,
    }),
  );
  const sources = startSources({
    system,
    functions,
    consumerFor: resources.consumerFor,
    queueByName: resources.queueByName,
    region,
    hasSchedules: options.schedules ?? true,
    sweeps: [() => services.s3.sweep(), ...resources.sweeps],
    onProblem: log,
  });
  // Together: a delivery in flight ends when its function's process does.
  stack.defer(() => Promise.all([sources.close(), functions.close()]));
  stack.defer(announce(dir, { services, resources }));

  return {
    url: origin,
    sandboxUrl: services.sandbox.url,
    s3Url: services.s3.url,
    sandbox: services.sandbox,
    endpoints: services.endpoints,
    links: resources.links,
    unhonoured: listUnhonoured(system),
    async invoke(name, event) {
      const result = await functions.invoke(name, Buffer.from(JSON.stringify(event ?? null)));
      const payload: unknown = JSON.parse(result.payload.toString("utf8"));
      return { functionError: result.functionError, payload };
    },
    kill: functions.kill,
    stats: functions.stats,
    subscribe: logs.subscribe,
    stop: () => stack.close(),
  };
}

function readPlan(options: LocalOptions): System {
  const system = options.system ?? readSystem(join(projectRoot, "infra", "plan", "plan.json"));
  checkSchedules(system);
  const { Settings } = system.links;
  if (Settings === undefined || options.settings === undefined) return system;
  return { ...system, links: { ...system.links, Settings: { ...Settings, ...options.settings } } };
}

/** Fixed neighbours of the public port, because addresses must mean the same after a restart. */
function choosePorts(options: LocalOptions): { sandboxPort: number; s3Port: number } {
  const { port } = options;
  return {
    sandboxPort: options.sandboxPort ?? (port === 0 ? 0 : port + 1),
    s3Port: options.s3Port ?? (port === 0 ? 0 : port + 2),
  };
}
