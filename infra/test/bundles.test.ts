/** The functions' bundles as they are deployed: no larger than somebody has agreed to, and whole without what is left out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { neverLoaded } from "../never-loaded.ts";
import { bundleFunction } from "../plan/bundle.ts";
import { projectRoot } from "../plan/evaluate.ts";
import { readPlan } from "../plan/plan.ts";
import { leaveOutSources } from "../source-maps.ts";

/**
 * What a cold start has to read, minified, with a little room; the API's is the goal that creators wait for. Most of it are
 * the clients of the AWS SDK: four weigh 443 kB with Hono alone.
 */
const kilobytesMax: Record<string, number> = {
  Api: 600,
  Webhook: 350,
  Relay: 575,
  RelayDead: 480,
  Poller: 550,
  Check: 550,
};

const plan = readPlan();
let folder: string;
const fileByName = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "clipcast-bundles-"));
  for (const [name, build] of Object.entries(plan.builds)) {
    const outDir = join(folder, name);
    fileByName.set(name, (await bundleFunction({ root: projectRoot, outDir, build })).file);
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(Object.keys(plan.builds))("%s stays within its budget", (name) => {
  const kilobytes = statSync(fileByName.get(name) ?? "").size / 1_000;
  expect(kilobytes).toBeLessThanOrEqual(kilobytesMax[name] ?? 0);
});

it.each(Object.keys(plan.builds))("%s starts without what it never loads", (name) => {
  const text = readFileSync(fileByName.get(name) ?? "", "utf8");
  for (const dependency of neverLoaded) {
    const atStart = new RegExp(`(?:from|import|require\\()\\s*["']${dependency}["']`);
    expect(text).not.toMatch(atStart);
    expect(text).toContain(`import("${dependency}")`);
  }
});

it.each(Object.keys(plan.builds))(
  "%s has a map of names and places, without the sources",
  (name) => {
    const map: unknown = JSON.parse(readFileSync(`${fileByName.get(name)}.map`, "utf8"));
    expect(map).toHaveProperty("names");
    expect(map).not.toHaveProperty("sourcesContent");
  },
);

it("takes the sources out of what SST has built, and nothing else", async () => {
  const dir = join(folder, "as-sst-builds");
  mkdirSync(dir);
  const map = { version: 3, sources: ["a.ts"], names: ["one"], mappings: "AAAA" };
  writeFileSync(join(dir, "bundle.mjs.map"), JSON.stringify({ ...map, sourcesContent: ["1"] }));
  writeFileSync(join(dir, "bundle.mjs"), "export {};");
  await leaveOutSources(dir);
  expect(JSON.parse(readFileSync(join(dir, "bundle.mjs.map"), "utf8"))).toEqual(map);
  expect(readFileSync(join(dir, "bundle.mjs"), "utf8")).toBe("export {};");
});

/** All of zod, with its methods and its JSON Schema, weighs and starts three times as much as its functional build. */
it.each(Object.keys(plan.builds))("%s has one zod, the small one", (name) => {
  const text = readFileSync(fileByName.get(name) ?? "", "utf8");
  expect(text).toContain('"ZodMiniObject"');
  expect(text).not.toContain('"ZodObject"');
});
