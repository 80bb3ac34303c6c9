import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "vitest";
import { defineStack } from "../cdk/stack.ts";
import { type Plan, readPlan } from "../plan/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "clipcast-cdk-test-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Synthesizes a plan; the code of its functions plays no part here. */
function synthesize(plan: Plan): Template {
  const bundles = Object.fromEntries(
    plan.system.functions.map(({ name }) => {
      const directory = join(folder, name);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, "index.mjs"), `export const handler = "${name}";`);
      return [name, { directory, handler: "index.handler" }];
    }),
  );
  const app = new App({ outdir: mkdtempSync(join(folder, "out-")), analyticsReporting: false });
  return Template.fromStack(defineStack(app, { plan, bundles }));
}

const plan = readPlan();
const template = synthesize(plan);

function resourcesOf(type: string): [string, Record<string, unknown>][] {
  return Object.entries(template.findResources(type)).map(([id, resource]) => [
    id,
    resource.Properties,
  ]);
}

describe("the CDK template", () => {
  it("has the plan's functions with their settings", () => {
    const found = resourcesOf("AWS::Lambda::Function").map(([name, properties]) => ({
      name,
      timeoutSeconds: properties.Timeout,
      memoryMb: properties.MemorySize,
      runtime: properties.Runtime,
      architecture: properties.Architectures,
    }));
    const planned = plan.system.functions.map((spec) => ({
      name: spec.name,
      timeoutSeconds: spec.timeoutSeconds,
      memoryMb: spec.memoryMb,
      runtime: spec.runtime,
      architecture: [spec.architecture],
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(found.sort(byName)).toEqual(planned.sort(byName));
  });

  it("gives each function exactly its links", () => {
    for (const spec of plan.system.functions) {
      const properties = template.findResources("AWS::Lambda::Function")[spec.name]?.Properties;
      const variables = Object.keys(properties.Environment.Variables);
      const links = variables.filter((key) => key.startsWith("SST_RESOURCE_"));
      expect(links.sort()).toEqual(
        ["App", ...spec.links].map((name) => `SST_RESOURCE_${name}`).sort(),
      );
    }
  });

  it("has the plan's queues with their dead letters", () => {
    for (const spec of plan.system.queues) {
      const properties = template.findResources("AWS::SQS::Queue")[spec.name]?.Properties;
      expect(properties.VisibilityTimeout).toBe(spec.visibilityTimeoutSeconds);
      expect(properties.MessageRetentionPeriod).toBe(spec.messageRetentionSeconds);
      expect(properties.RedrivePolicy?.maxReceiveCount).toBe(spec.deadLetter?.maxReceiveCount);
    }
  });

  it("reads secrets at deployment and holds none", () => {
    const variables =
      template.findResources("AWS::Lambda::Function").Api?.Properties.Environment.Variables;
    expect(variables.SST_RESOURCE_TikTokClientSecret).toBe(
      '{"type":"sst.sst.Secret","value":"{{resolve:secretsmanager:clipcast-publish/production/TikTokClientSecret:SecretString:::}}"}',
    );
  });

  it("leaves no reference of the plan unresolved", () => {
    const leftovers = JSON.stringify(template.toJSON()).match(/\$\{\w+\.\w+\}/g);
    expect(leftovers).toBeNull();
  });

  it("retains in production what the plan retains", () => {
    const retained = Object.entries(template.toJSON().Resources)
      .filter(
        ([, resource]) => (resource as { DeletionPolicy?: string }).DeletionPolicy === "Retain",
      )
      .map(([name]) => name);
    expect(retained.sort()).toEqual(["Bucket", "SealKey", "Table"]);
  });

  it("follows the plan when a setting changes", () => {
    const changed = readPlan();
    for (const source of changed.system.eventSources) source.batchSize = 7;
    for (const queue of changed.system.queues) queue.visibilityTimeoutSeconds = 1_234;
    const other = synthesize(changed);
    other.allResourcesProperties(
      "AWS::Lambda::EventSourceMapping",
      Match.objectLike({ BatchSize: 7 }),
    );
    other.allResourcesProperties("AWS::SQS::Queue", Match.objectLike({ VisibilityTimeout: 1_234 }));
  });
});
