import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundleFunctions } from "../../src/lambda/bundle.ts";
import { makeTempDir } from "./fixture.ts";

/** Two functions, of which only One imports `shared.ts`. */
function writeSources() {
  const root = makeTempDir();
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(join(root, "shared.ts"), `export const greeting: string = "hello";`);
  writeFileSync(
    join(root, "one.ts"),
    `import { greeting } from "./shared.ts"; export const handler = async () => greeting;`,
  );
  writeFileSync(join(root, "two.ts"), `export const run = async () => "alone";`);
  const functions = [
    { name: "One", handler: "one.handler" },
    { name: "Two", handler: "two.run" },
  ];
  const dir = join(root, "bundles");
  return {
    root,
    dir,
    async build() {
      const bundles = await bundleFunctions({ functions, root, dir });
      return [...bundles].filter(([, bundle]) => bundle.isRebuilt).map(([name]) => name);
    },
    bundles: () => bundleFunctions({ functions, root, dir }),
  };
}

/** As if saved a minute from now: no test depends on the resolution of file times. */
function saveLater(path: string, text: string): void {
  writeFileSync(path, text);
  const later = Date.now() / 1000 + 60;
  utimesSync(path, later, later);
}

it("builds every function once and answers where Lambda finds it", async () => {
  const sources = writeSources();
  expect(await sources.build()).toEqual(["One", "Two"]);
  expect(await sources.build()).toEqual([]);
  const bundles = await sources.bundles();
  expect(bundles.get("Two")).toEqual({
    taskRoot: join(sources.dir, "Two"),
    handler: "bundle.run",
    isRebuilt: false,
  });
  expect(readFileSync(join(sources.dir, "One", "bundle.mjs"), "utf8")).toContain("hello");
});

it("rebuilds only the function whose source has changed", async () => {
  const sources = writeSources();
  await sources.build();
  const untouched = statSync(join(sources.dir, "Two", "bundle.mjs")).mtimeMs;
  saveLater(join(sources.root, "shared.ts"), `export const greeting = "good day";`);
  expect(await sources.build()).toEqual(["One"]);
  expect(readFileSync(join(sources.dir, "One", "bundle.mjs"), "utf8")).toContain("good day");
  expect(statSync(join(sources.dir, "Two", "bundle.mjs")).mtimeMs).toBe(untouched);
});

it.each([
  ["a package.json that decides what imports mean has changed", "../package.json"],
  ["a build was cut short", "Two/manifest.json"],
])("rebuilds when %s", async (_, path) => {
  const sources = writeSources();
  await sources.build();
  saveLater(join(sources.dir, path), "{}");
  expect(await sources.build()).toContain("Two");
});

it("fails with esbuild's message and builds again after the mistake is gone", async () => {
  const sources = writeSources();
  await sources.build();
  saveLater(join(sources.root, "two.ts"), "export const run = ;");
  await expect(sources.build()).rejects.toThrow('two.ts:1:19: ERROR: Unexpected ";"');
  saveLater(join(sources.root, "two.ts"), `export const run = async () => "fixed";`);
  expect(await sources.build()).toEqual(["Two"]);
});
