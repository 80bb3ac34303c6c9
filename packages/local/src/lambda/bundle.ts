/**
 * Turns handlers' sources into the one file each that their processes run, with esbuild and the
 * very options of a deployment (@clipcast/infra/bundle).
 *
 * A bundle is rebuilt only when one of its inputs, a package.json among them or the lockfile has
 * changed; everything known about that is in the manifest beside the bundle, which is written last,
 * so that a build cut short counts as no build. What is stale is built in one go: functions share
 * most of their sources, and esbuild then reads each of them once.
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleOptions } from "@clipcast/infra/bundle";
import { type BuildOptions, build, version as esbuildVersion, type Metafile, stop } from "esbuild";
import { z } from "zod";

export type Bundle = {
  /** The folder that holds `bundle.mjs`: LAMBDA_TASK_ROOT. */
  taskRoot: string;
  /** Lambda's `_HANDLER`: `bundle.<export>`. */
  handler: string;
  /** False when the bundle on disk was still good. */
  isRebuilt: boolean;
};

export type BundleOptions = {
  /** `handler` is `path/to/file.export`, relative to `root`. */
  functions: { name: string; handler: string }[];
  root: string;
  /** Where bundles are kept between runs. */
  dir: string;
};

const extensions = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/** Answers bundles by function name. */
export async function bundleFunctions(options: BundleOptions): Promise<Map<string, Bundle>> {
  const { functions, root, dir } = options;
  const entries = functions.map((spec) => ({ name: spec.name, source: findSource(root, spec) }));
  const rebuilt = await bundleStale(entries, { root, dir });
  return new Map(
    functions.map(({ name, handler }) => {
      const taskRoot = join(dir, name);
      const exported = handler.slice(handler.lastIndexOf("."));
      return [name, { taskRoot, handler: `bundle${exported}`, isRebuilt: rebuilt.has(name) }];
    }),
  );
}

/** The runtime that every function's process starts with; answers the path of its script. */
export async function bundleBootstrap(dir: string): Promise<string> {
  const source = fileURLToPath(new URL("./bootstrap.ts", import.meta.url));
  await bundleStale([{ name: "_runtime", source }], { root: dirname(source), dir });
  return join(dir, "_runtime", "bundle.mjs");
}

const options = bundleOptions({ minify: true, sourcemap: true });
/** A bundle made by another esbuild, or in another way, is made anew. */
const bundler = `${esbuildVersion} ${JSON.stringify(options)}`;

type Entry = { name: string; source: string };
type Place = { root: string; dir: string };

function findSource(root: string, spec: { name: string; handler: string }): string {
  const stem = resolve(root, spec.handler.slice(0, spec.handler.lastIndexOf(".")));
  const extension = extensions.find((candidate) => existsSync(stem + candidate));
  if (extension !== undefined) return stem + extension;
  throw new Error(`${spec.name}: no source for handler ${spec.handler} in ${root}`);
}

/** Builds the entries whose bundles are no longer good; answers their names. */
async function bundleStale(entries: Entry[], { root, dir }: Place): Promise<Set<string>> {
  const stale = entries.filter((entry) => !isFresh(entry, dir));
  if (stale.length === 0) return new Set();
  for (const { name } of stale) rmSync(join(dir, name), { recursive: true, force: true });
  const { metafile } = await buildAndLeave({
    entryPoints: stale.map(({ name, source }) => ({ in: source, out: join(name, "bundle") })),
    outdir: dir,
    absWorkingDir: root,
    outExtension: { ".js": ".mjs" },
    ...options,
    // The sources are on this machine; with them inside, reading the map would slow every cold start.
    sourcesContent: false,
    metafile: true,
  });
  for (const { name, source } of stale) {
    const inputs = listInputs(metafile, relative(root, source), root);
    const watched = [...new Set([...inputs, ...findPackageFiles(inputs)])].sort();
    const manifest = { source, bundler, watched, fingerprint: fingerprintOf(watched) };
    writeFileSync(join(dir, name, "manifest.json"), JSON.stringify(manifest));
  }
  return new Set(stale.map((entry) => entry.name));
}

let activeBuildCount = 0;

/** esbuild is a process of its own; the last build ends it, as a host runs for days after its start. */
async function buildAndLeave(options: BuildOptions & { metafile: true }) {
  activeBuildCount += 1;
  try {
    return await build(options);
  } finally {
    activeBuildCount -= 1;
    if (activeBuildCount === 0) await stop();
  }
}

/** Every file that one entry's bundle was made from: what its imports reach. */
function listInputs(metafile: Metafile, entry: string, root: string): string[] {
  const reached = new Set([entry]);
  // A set may grow while it is walked; there are only as many files as the build has read.
  for (const path of reached) {
    for (const imported of metafile.inputs[path]?.imports ?? []) {
      if (imported.external !== true) reached.add(imported.path);
    }
  }
  return [...reached].map((path) => resolve(root, path));
}

const manifestSchema = z.object({
  source: z.string(),
  bundler: z.string(),
  watched: z.array(z.string()),
  fingerprint: z.string(),
});

function isFresh({ name, source }: Entry, dir: string): boolean {
  const manifestPath = join(dir, name, "manifest.json");
  if (!existsSync(manifestPath) || !existsSync(join(dir, name, "bundle.mjs"))) return false;
  const manifest = manifestSchema.safeParse(JSON.parse(readFileSync(manifestPath, "utf8")));
  return (
    manifest.success &&
    manifest.data.source === source &&
    manifest.data.bundler === bundler &&
    manifest.data.fingerprint === fingerprintOf(manifest.data.watched)
  );
}

/** Size and time of every file: a bundle has a thousand inputs, and a start has five seconds. */
function fingerprintOf(paths: string[]): string {
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? "gone" : `${stat.size}:${stat.mtimeMs}`;
    })
    .join(" ");
}

/** Every package.json and lockfile above our own inputs: both decide what an import resolves to. */
function findPackageFiles(inputs: string[]): string[] {
  const folders = new Set<string>();
  for (const input of inputs) {
    if (input.includes("node_modules")) continue;
    for (let folder = dirname(input); !folders.has(folder); folder = dirname(folder)) {
      folders.add(folder);
    }
  }
  return [...folders]
    .flatMap((folder) => [join(folder, "package.json"), join(folder, "pnpm-lock.yaml")])
    .filter((path) => existsSync(path));
}
