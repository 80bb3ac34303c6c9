// Starts a TikTok of one's own on this machine: `startSandbox` listens on loopback, keeps its state in one
// directory, and can be changed while it runs, in process or over its control API.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type AppInput, appSchema, type Sandbox } from "./context.ts";
import { setKnobs } from "./control.ts";
import { createFaults, type Fault, type FaultRuleInput } from "./faults.ts";
import { applyKnobs, defaultKnobs, type Knobs } from "./knobs.ts";
import * as Posts from "./posts.ts";
import { createRateWindows } from "./rate.ts";
import { createRequestLog, type RequestEntry } from "./request-log.ts";
import { seedCreators } from "./seed.ts";
import { openStore } from "./store.ts";
import * as Tasks from "./tasks.ts";
import { finishUploads } from "./uploads/runtime.ts";
import { serveUpload } from "./uploads/server.ts";
import * as Webhooks from "./webhooks.ts";

export type SandboxOptions = {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** How others reach the sandbox, when not by its own address. */
  publicUrl?: string;
  /** State and video files; created when missing, kept when not. */
  dir: string;
  apps: AppInput[];
  /** Laid over what the directory remembers. */
  knobs?: Partial<Knobs>;
  clock?: Clock;
  onRequest?: (entry: RequestEntry) => void;
};

export type RunningSandbox = {
  url: string;
  port: number;
  knobs(): Knobs;
  setKnobs(change: Partial<Knobs>): Knobs;
  addFault(rule: FaultRuleInput): Fault;
  clearFaults(): void;
  updateApp(clientKey: string, change: Partial<Omit<AppInput, "clientKey">>): void;
  requests(): RequestEntry[];
  close(): Promise<void>;
};

export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const clock = options.clock ?? systemClock;
  const host = options.host ?? "127.0.0.1";
  const apps = options.apps.map((app) => appSchema.parse(app));
  const store = openStore(options.dir);
  seedCreators(store);
  const remembered = applyKnobs(defaultKnobs, store.settings.get("knobs")?.value ?? {});
  const sandbox: Sandbox = {
    url: "",
    dir: options.dir,
    clock,
    store,
    knobs: applyKnobs(remembered, options.knobs ?? {}),
    faults: createFaults(),
    log: createRequestLog(clock, options.onRequest ?? (() => {})),
    windows: createRateWindows(clock),
    apps: new Map(apps.map((app) => [app.clientKey, app])),
    codes: new Map(),
    uploads: new Map(),
    timers: new Map(),
    closing: new AbortController(),
  };
  // Before anybody can look.
  await finishUploads(sandbox);
  const server = createHttpServer(sandbox);
  server.listen(options.port, host);
  await once(server, "listening");
  const port = portOf(server);
  sandbox.url = options.publicUrl ?? `http://${host}:${port}`;
  Tasks.resume(sandbox);
  Posts.resume(sandbox);
  Webhooks.resume(sandbox);
  return {
    url: sandbox.url,
    port,
    knobs: () => ({ ...sandbox.knobs }),
    setKnobs: (change) => setKnobs(sandbox, change),
    addFault: (rule) => sandbox.faults.add(rule),
    clearFaults: () => sandbox.faults.clear(),
    updateApp: (clientKey, change) => {
      const known = sandbox.apps.get(clientKey);
      if (known === undefined) throw new RangeError(`no app ${clientKey}`);
      sandbox.apps.set(clientKey, appSchema.parse({ ...known, ...change, clientKey }));
    },
    requests: () => sandbox.log.entries(),
    close: () => close(sandbox, server),
  };
}

function createHttpServer(sandbox: Sandbox): Server {
  const listener = getRequestListener(createApp(sandbox).fetch, { overrideGlobalObjects: false });
  // The default limit of five minutes a request would cut off a slow sender's chunk.
  return createServer({ requestTimeout: 0 }, (request, response) => {
    const isUpload = /^\/upload\/?(\?|$)/.test(request.url ?? "");
    if (!isUpload) {
      void listener(request, response);
      return;
    }
    serveUpload(sandbox, request, response).catch((error: unknown) => {
      // Only the disk or a bug gets here; the sender sees what TikTok's gateway would show.
      console.error(error);
      if (response.headersSent || response.destroyed) request.socket.destroy();
      else response.writeHead(500, { connection: "close", "content-length": 0 }).end();
    });
  });
}

async function close(sandbox: Sandbox, server: Server): Promise<void> {
  sandbox.closing.abort();
  for (const cancel of sandbox.timers.values()) cancel();
  sandbox.timers.clear();
  sandbox.store.close();
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  return address.port;
}
