/**
 * Turns a handler's source into the one file that its processes run, with esbuild, shaped as SST
 * shapes it: ESM, everything bundled, minified, names kept, a source map beside it.
 *
 * A bundle is rebuilt only when one of its inputs, a package.json among them or the lockfile has
 * changed; everything known about that is in the manifest beside the bundle, which is written last,
 * so that a build cut short counts as no build.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, version as esbuildVersion } from "esbuild";
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
  name: string;
  /** `path/to/file.export`, relative to `root`. */
  handler: string;
  root: string;
  /** Where bundles are kept between runs. */
  dir: string;
};

const extensions = [".ts", ".tsx", ".mts", ".js", ".mjs"];

/** What SST puts in front of an ESM bundle: CommonJS dependencies still ask for these names. */
const banner = [
  `import { createRequire as topLevelCreateRequire } from "node:module";`,
  `import { dirname as topLevelDirname } from "node:path";`,
  `import { fileURLToPath as topLevelFileUrlToPath } from "node:url";`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `const __filename = topLevelFileUrlToPath(import.meta.url);`,
  `const __dirname = topLevelDirname(__filename);`,
].join("");

export async function bundleFunction(options: BundleOptions): Promise<Bundle> {
  const dot = options.handler.lastIndexOf(".");
  const stem = resolve(options.root, options.handler.slice(0, dot));
  const extension = extensions.find((candidate) => existsSync(stem + candidate));
  if (extension === undefined) {
    throw new Error(`${options.name}: no source for handler ${options.handler} in ${options.root}`);
  }
  const taskRoot = join(options.dir, options.name);
  const isRebuilt = await bundleEntry(stem + extension, taskRoot, options.root);
  return { taskRoot, handler: `bundle${options.handler.slice(dot)}`, isRebuilt };
}

/** The runtime that every function's process starts with; answers the path of its script. */
export async function bundleBootstrap(dir: string): Promise<string> {
  const entry = fileURLToPath(new URL("./bootstrap.ts", import.meta.url));
  const taskRoot = join(dir, "_runtime");
  await bundleEntry(entry, taskRoot, dirname(entry));
  return join(taskRoot, "bundle.mjs");
}

/** Builds `entry` into `outdir` unless what is there is still good. True when it was built. */
async function bundleEntry(entry: string, outdir: string, root: string): Promise<boolean> {
  const manifestPath = join(outdir, "manifest.json");
  if (isFresh(manifestPath, entry, join(outdir, "bundle.mjs"))) return false;
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: join(outdir, "bundle.mjs"),
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    banner: { js: banner },
    metafile: true,
    logLevel: "silent",
  });
  const inputs = Object.keys(metafile.inputs).map((path) =>
    isAbsolute(path) ? path : resolve(root, path),
  );
  const watched = [...new Set([...inputs, ...findPackageFiles(inputs)])].sort();
  const manifest = { entry, esbuildVersion, watched, fingerprint: fingerprintOf(watched) };
  writeFileSync(manifestPath, JSON.stringify(manifest));
  return true;
}

const manifestSchema = z.object({
  entry: z.string(),
  esbuildVersion: z.string(),
  watched: z.array(z.string()),
  fingerprint: z.string(),
});

function isFresh(manifestPath: string, entry: string, bundlePath: string): boolean {
  if (!existsSync(manifestPath) || !existsSync(bundlePath)) return false;
  const manifest = manifestSchema.safeParse(JSON.parse(readFileSync(manifestPath, "utf8")));
  return (
    manifest.success &&
    manifest.data.entry === entry &&
    manifest.data.esbuildVersion === esbuildVersion &&
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
