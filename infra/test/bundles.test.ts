/** The functions' bundles as they are deployed: no larger than somebody has agreed to, and whole without what is left out. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { neverLoaded } from "../never-loaded.ts";
import { bundleFunction } from "../plan/bundle.ts";
import { projectRoot } from "../plan/evaluate.ts";
import { readPlan } from "../plan/plan.ts";

/**
 * What a cold start has to read, minified, with a little room; the API's is the goal that creators wait for. Most of it are
 * four clients of the AWS SDK; half of the relay is undici, whose streaming is worth its second copy beside Node's own.
 */
const kilobytesMax: Record<string, number> = {
  Api: 600,
  Webhook: 350,
  Relay: 1_320,
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

/** All of zod, with its methods and its JSON Schema, weighs and starts three times as much as its functional build. */
it.each(Object.keys(plan.builds))("%s has one zod, the small one", (name) => {
  const text = readFileSync(fileByName.get(name) ?? "", "utf8");
  expect(text).toContain('"ZodMiniObject"');
  expect(text).not.toContain('"ZodObject"');
});
