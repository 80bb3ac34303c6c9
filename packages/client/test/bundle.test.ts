/** What a page pays for the client: its size, and that nothing of Node comes along. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

const gzippedBytesMax = 12_000;

it("the browser entry is at most 12 kB gzipped and imports nothing", async () => {
  const entry = new URL("../src/index.ts", import.meta.url).pathname;
  const bundle = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
  });
  const imports = Object.values(bundle.metafile.outputs).flatMap((output) => output.imports);
  expect(imports).toEqual([]);
  const inputs = Object.keys(bundle.metafile.inputs);
  expect(inputs.filter((input) => !input.includes("client/src"))).toEqual([]);
  const [output] = bundle.outputFiles;
  expect(gzipSync(output?.contents ?? "").byteLength).toBeLessThanOrEqual(gzippedBytesMax);
});
