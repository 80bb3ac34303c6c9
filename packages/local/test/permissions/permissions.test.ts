/**
 * Least privilege, by what really happens: each function's permissions in the plan are the calls that it makes here, on
 * the resources that it uses, and no other. The same tour shows that the metrics which alarms and dashboard look at are
 * those that functions report.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSystem, type System } from "@clipcast/infra/plan";
import { beforeAll, describe, expect, it } from "vitest";
import { physicalName } from "../../src/host/provision.ts";
import { type LocalHost, projectRoot, startLocal } from "../../src/index.ts";
import { metricsLookedAt, metricsReported } from "./metrics.ts";
import { neededByMappings, plannedFor } from "./planned.ts";
import { type Recorded, recordCalls } from "./recorder.ts";
import { publishNaturally, takeTour } from "./tour.ts";

const system = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
const recorded: Recorded = new Map();
const lines: string[] = [];

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-permissions-"));
  const nameByPhysical = new Map(
    [...system.tables, ...system.queues, ...system.buckets].map(({ name }) => [
      physicalName(system, name),
      name,
    ]),
  );
  // A queue is named by its URL.
  const nameOf = (physical: string) =>
    nameByPhysical.get(physical.split("/").at(-1) ?? "") ?? physical;
  const stopRecording = recordCalls(recorded, nameOf);
  try {
    const beginning = await onHost(dir, system, publishNaturally);
    const eventSources = system.eventSources.filter((source) => source.function === "RelayDead");
    await onHost(dir, { ...system, eventSources }, (host) => {
      const relayQueueUrl = String(host.links.RelayQueue?.url);
      // Queues differ in the last step of their addresses only.
      const deadQueueUrl = new URL(physicalName(system, "RelayDeadQueue"), relayQueueUrl).href;
      return takeTour(host, beginning, deadQueueUrl);
    });
  } finally {
    stopRecording();
    rmSync(dir, { recursive: true, force: true });
  }
}, 180_000);

async function onHost<T>(dir: string, plan: System, act: (host: LocalHost) => Promise<T>) {
  const host = await startLocal({
    dir,
    port: 0,
    system: plan,
    schedules: false,
    // Some apps must seal what PKCE remembers from login to callback.
    settings: { isAudited: true, usesPkce: true },
    sandbox: { processingMs: 50, processingMsPerGb: 0, moderationMs: 0 },
  });
  host.subscribe(({ line }) => lines.push(line));
  try {
    return await act(host);
  } finally {
    await host.stop();
  }
}

/** As the plan names what only a deployment knows. */
const reference = (name: string) => ["$", `{${name}.arn}`].join("");

/** What a function did without being allowed, and what it is allowed without doing it. */
function differences(plan: System, name: string) {
  const spec = plan.functions.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`no function ${name}`);
  const used = new Set([...(recorded.get(name) ?? []), ...neededByMappings(plan, name)]);
  const planned = plannedFor(spec);
  return {
    missing: [...used].filter((one) => !planned.has(one)).sort(),
    unused: [...planned].filter((one) => !used.has(one)).sort(),
  };
}

describe("the permissions of", () => {
  it.each(system.functions.map(({ name }) => name))("%s are the calls it makes", (name) => {
    expect(differences(system, name)).toEqual({ missing: [], unused: [] });
  });

  it("Check would be seen to lack one, or to have one too many", () => {
    const plan = structuredClone(system);
    const spec = plan.functions.find(({ name }) => name === "Check");
    if (spec === undefined) throw new Error("the plan has a check");
    for (const statement of spec.permissions) {
      statement.actions = statement.actions.filter((action) => action !== "s3:DeleteObject");
    }
    spec.permissions.push({ actions: ["sqs:SendMessage"], resources: [reference("RelayQueue")] });
    expect(differences(plan, "Check")).toEqual({
      missing: ["s3:DeleteObject Bucket/*"],
      unused: ["sqs:SendMessage RelayQueue"],
    });
  });

  it("nobody else are used", () => {
    const names = system.functions.map(({ name }) => name);
    expect([...recorded.keys()].sort()).toEqual(names.sort());
  });
});

it("reports just the metrics that alarms and dashboard look at, under their very names", () => {
  const [spec] = system.functions;
  const namespace = spec?.environment.POWERTOOLS_METRICS_NAMESPACE ?? "";
  const reported = [...metricsReported(lines)].sort();
  expect(reported).toHaveLength(7);
  expect(reported).toEqual([...metricsLookedAt(system, namespace)].sort());
});
