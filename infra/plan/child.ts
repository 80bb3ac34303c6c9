/**
 * Evaluates sst.config.ts for one stage and sends what it registered to the parent process. Started by evaluate.ts;
 * needs a process of its own because Pulumi and SST keep their state in module variables.
 */
import crypto from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { type Link, type Registration, startMonitor } from "./monitor.ts";
import type { Platform } from "./platform.ts";
import { buildProgram } from "./program.ts";
import { type BuildRequest, serveRpc } from "./rpc.ts";
import { placeholderSecret } from "./secrets.ts";

export interface ChildInput {
  platform: Platform;
  stage: string;
  workDir: string;
}

/** A static site's arguments, which never reach a provider. */
export interface Site {
  name: string;
  path: string;
  output: string;
  indexPage: string;
  cacheRules: { files: string; cacheControl: string }[];
}

export interface ChildOutput {
  app: string;
  registrations: Registration[];
  links: Link[];
  builds: Record<string, BuildRequest>;
  sites: Site[];
}

interface Program {
  app(input: { stage: string }): { name: string; removal?: string; protect?: boolean };
  evaluate(): Promise<unknown>;
  onSite(record: (name: string, args: unknown) => void): void;
}

const siteSchema = z.object({
  path: z.string(),
  build: z.object({ output: z.string() }),
  indexPage: z.string().default("index.html"),
  assets: z.object({
    fileOptions: z.array(z.object({ files: z.string(), cacheControl: z.string() })),
  }),
});

/** SST refuses a site whose build output is missing, although nothing is built here. */
function ensureSiteOutput(root: string, site: Site): void {
  mkdirSync(join(root, site.path, site.output), { recursive: true });
}

async function evaluate({ platform, stage, workDir }: ChildInput): Promise<ChildOutput> {
  const sites: Site[] = [];
  const builds: Record<string, BuildRequest> = {};
  const { url } = await serveRpc({
    root: platform.root,
    workDir,
    onBuild: (name, request) => {
      builds[name] = request;
    },
  });
  process.env.SST_SERVER = url;
  // SST gives physical names a random end. One constant end is enough: names differ by their beginning.
  crypto.randomBytes = ((size: number) => Buffer.alloc(size)) as typeof crypto.randomBytes;

  const program = await loadProgram(platform);
  const { name, removal = "retain", protect = false } = program.app({ stage });
  const { root, folder } = platform;
  Object.assign(globalThis, {
    $app: { name, stage, removal, protect, providers: {} },
    $cli: { command: "deploy", paths: { root, home: workDir, work: workDir, platform: folder } },
    $dev: false,
  });
  const monitor = await startMonitor(platform, { name, stage });
  program.onSite((siteName, args) => {
    const { path, build, indexPage, assets } = siteSchema.parse(args);
    const cacheRules = assets.fileOptions;
    const site = { name: siteName, path, output: build.output, indexPage, cacheRules };
    sites.push(site);
    ensureSiteOutput(root, site);
  });
  await monitor.run(program.evaluate);
  return { app: name, registrations: monitor.registrations, links: monitor.links, builds, sites };
}

/** The bundle must lie in the platform's folder, where Node finds `@pulumi/*` for it. */
async function loadProgram(platform: Platform): Promise<Program> {
  const file = join(platform.folder, `plan-${process.pid}.mjs`);
  try {
    await buildProgram(platform, file);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file, { force: true });
  }
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

// A failing `apply` surfaces here and nowhere else.
process.on("unhandledRejection", fail);
process.env = new Proxy(process.env, {
  get: (env, key) => (typeof key === "string" ? (env[key] ?? placeholderSecret(key)) : undefined),
});

const input: ChildInput = JSON.parse(process.argv[2] ?? "null");
const result = await evaluate(input).catch(fail);
// Outputs settle after the program has returned; when nothing is left to do, everything is registered.
process.once("beforeExit", () => process.send?.(result));
