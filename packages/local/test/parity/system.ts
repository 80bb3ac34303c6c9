/**
 * The committed plan with functions that do as they are told: each keeps the settings that the plan gives it, so that
 * what a test sees of them is what the real ones would get.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSystem, type System } from "@clipcast/infra/plan";
import { projectRoot } from "../../src/index.ts";
import { writeSite } from "../host/fixture.ts";

const probe = `
import { setTimeout as sleep } from "node:timers/promises";
export const handler = async (event) => {
  if (event.Records) console.log("batch of " + event.Records.length);
  if (event.sleepMs) await sleep(event.sleepMs);
  const held = event.allocateMb ? Buffer.alloc(event.allocateMb * 1024 * 1024, 1).length : 0;
  return { batchItemFailures: [], held, variable: process.env[event.variable] ?? null };
};`;

export function probeSystem(dir: string): System {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "probe.ts"), probe);
  writeSite(join(dir, "web"));
  const plan = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
  const checkQueue = named(plan.queues, "CheckQueue");
  return {
    ...plan,
    functions: plan.functions.map((spec) => ({ ...spec, handler: join(dir, "probe.handler") })),
    // One that nobody reads, for delays.
    queues: [...plan.queues, { ...checkQueue, name: "LateQueue" }],
    // The test itself is the consumer of the others. A window, so that a batch may grow to its size.
    eventSources: plan.eventSources
      .filter((source) => source.queue === "CheckQueue")
      .map((source) => ({ ...source, batchWindowSeconds: 1 })),
    links: { ...plan.links, LateQueue: { type: "sst.aws.Queue", url: { ref: "LateQueue.url" } } },
    site: { ...plan.site, path: join(dir, "web"), output: "dist" },
  };
}

export function named<T extends { name: string }>(items: T[], name: string): T {
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) throw new Error(`the plan has no ${name}`);
  return item;
}
