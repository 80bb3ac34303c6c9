import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { buildSite } from "../../src/host/site-build.ts";
import { makeTempDir } from "../lambda/fixture.ts";
import { writeSite } from "./fixture.ts";

let dir = "";
const build = () => buildSite({ dir, outputDir: join(dir, "dist"), indexPage: "index.html" });

beforeEach(() => {
  dir = join(makeTempDir(), "web");
  writeSite(dir);
});

/** As if saved a minute from now: no test depends on the resolution of file times. */
function saveLater(path: string): void {
  writeFileSync(path, "changed");
  const later = Date.now() / 1000 + 60;
  utimesSync(path, later, later);
}

it("builds once, then again only when a source has changed", async () => {
  mkdirSync(join(dir, "src"));
  expect(await build()).toEqual({ outcome: "built" });
  expect(await build()).toEqual({ outcome: "fresh" });
  saveLater(join(dir, "src", "main.tsx"));
  expect(await build()).toEqual({ outcome: "built" });
});

it("builds again when a workspace package that the page depends on has changed", async () => {
  const client = join(dir, "..", "client");
  mkdirSync(client);
  writeFileSync(join(client, "package.json"), "{}");
  mkdirSync(join(dir, "node_modules", "@clipcast"));
  symlinkSync(client, join(dir, "node_modules", "@clipcast", "client"));
  const dependencies = { "@clipcast/client": "workspace:*" };
  writeFileSync(join(dir, "package.json"), JSON.stringify({ dependencies }));
  expect(await build()).toEqual({ outcome: "built" });
  expect(await build()).toEqual({ outcome: "fresh" });
  saveLater(join(client, "index.ts"));
  expect(await build()).toEqual({ outcome: "built" });
});

it("lets several hosts build at once, and leaves one whole page and nothing else", async () => {
  const outcomes = await Promise.all([build(), build(), build()]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["built", "built", "built"]);
  expect(readdirSync(join(dir, "dist"))).toEqual(["index.html"]);
  expect(readdirSync(join(dir, "node_modules"))).toEqual(["vite"]);
});

it("keeps the last good page when a later build fails", async () => {
  await build();
  saveLater(join(dir, "broken"));
  expect(await build()).toMatchObject({ outcome: "failed" });
  expect(readdirSync(join(dir, "dist"))).toEqual(["index.html"]);
});

it("answers what a failed build printed", async () => {
  writeFileSync(join(dir, "broken"), "");
  expect(await build()).toEqual({
    outcome: "failed",
    problem: "main.tsx: no such export",
  });
});

it("says so when Vite is not there", async () => {
  rmSync(join(dir, "node_modules"), { recursive: true });
  expect(await build()).toMatchObject({
    outcome: "failed",
    problem: expect.stringContaining("Vite is not installed"),
  });
});
