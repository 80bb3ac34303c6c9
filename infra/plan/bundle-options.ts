/**
 * How esbuild bundles a function: as `sst deploy` does. The plan's check, CDK and the local host all use these, so that
 * what runs on a laptop is what is deployed.
 */
import type { BuildOptions } from "esbuild";
import { neverLoaded } from "../never-loaded.ts";
import type { Build } from "./plan.ts";

/** A CommonJS dependency inside an ES module still expects `require` and its friends. */
const commonJsBanner = [
  'import { createRequire as topLevelCreateRequire } from "module";',
  "const require = topLevelCreateRequire(import.meta.url);",
  'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url";',
  "const __filename = topLevelFileUrlToPath(import.meta.url);",
  'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));',
].join("\n");

/** All but what goes in and where it comes out. */
export function bundleOptions({ minify, sourcemap }: Pick<Build, "minify" | "sourcemap">) {
  return {
    bundle: true,
    external: neverLoaded,
    platform: "node",
    format: "esm",
    target: "esnext",
    mainFields: ["module", "main"],
    keepNames: false,
    minify,
    sourcemap: sourcemap ? "linked" : false,
    // As `leaveOutSources` leaves it after SST's build.
    sourcesContent: false,
    banner: { js: commonJsBanner },
    logLevel: "silent",
  } satisfies BuildOptions;
}
