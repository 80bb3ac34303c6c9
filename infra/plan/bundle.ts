/**
 * Bundles one function the way `sst deploy` does, so that what the plan checks, what the local host runs and what CDK
 * uploads is the same code.
 */
import { existsSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.ts";
import type { Build } from "./plan.ts";

export interface Bundle {
  /** What Lambda is told: `api.handler`. */
  handler: string;
  file: string;
}

/** The order in which SST looks for a handler's source. */
const sourceExtensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/** Writes the bundle into `outDir`. Throws when the source or the named export is missing, or does not compile. */
export async function bundleFunction(input: {
  root: string;
  outDir: string;
  build: Build;
}): Promise<Bundle> {
  const { root, outDir } = input;
  const { handler, minify, sourcemap } = input.build;
  const exportName = extname(handler).slice(1);
  const source = findSource(root, handler.slice(0, -exportName.length - 1));
  const stem = basename(source, extname(source)).replaceAll(".", "-");
  const file = join(outDir, `${stem}.mjs`);
  const result = await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: file,
    ...bundleOptions({ minify, sourcemap }),
    metafile: true,
  });
  const outputs = Object.values(result.metafile.outputs);
  if (!outputs.some((output) => output.exports.includes(exportName))) {
    throw new Error(
      `${source} does not export \`${exportName}\`, which the plan names as a handler`,
    );
  }
  return { handler: `${stem}.${exportName}`, file };
}

function findSource(root: string, path: string): string {
  const extension = sourceExtensions.find((candidate) => existsSync(join(root, path + candidate)));
  if (extension === undefined) throw new Error(`Handler not found: ${path}.ts`);
  return path + extension;
}
