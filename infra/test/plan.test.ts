import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planFile, planSchema, readPlan } from "../plan/plan.ts";
import { renderPlan, renderTypes } from "../plan/render.ts";
import { readSystem } from "../plan/system.ts";

const text = readFileSync(planFile, "utf8");

describe("plan.json", () => {
  it("is read as a system with every function, queue and route", () => {
    const system = readSystem(planFile);
    expect(system.functions.map((spec) => spec.name)).toEqual([
      "Api",
      "Check",
      "Poller",
      "Relay",
      "RelayDead",
      "Webhook",
    ]);
    expect(system.queues.map((queue) => queue.name)).toEqual([
      "CheckQueue",
      "RelayDeadQueue",
      "RelayQueue",
    ]);
    expect(system.routes).toEqual([
      { method: "POST", path: "/api/tiktok/webhook", function: "Webhook" },
      { method: "ANY", path: "/api/{proxy+}", function: "Api" },
    ]);
  });

  it("is what rendering it again gives", () => {
    expect(renderPlan(readPlan())).toBe(text);
  });

  it("names secrets and holds none", () => {
    const { links } = readSystem(planFile);
    expect(links.TikTokClientSecret?.value).toEqual({ ref: "TikTokClientSecret.value" });
    expect(text).not.toMatch(/placeholder-for-secret/);
  });

  it("depends on no machine, account or chance", () => {
    expect(text).not.toMatch(/"\/(home|root|tmp|work|Users)\//);
    // An account's number, and the ids that the evaluation makes up.
    expect(text).not.toMatch(/\b\d{12}\b|\bx[0-9a-f]{16}\b/);
    expect(text).not.toContain("__provider");
  });

  it("refers only to names that something in it has", () => {
    const { resources } = readPlan();
    const names = new Set(["AWS", ...resources.map((resource) => resource.name)]);
    const owners = [...text.matchAll(/\$\{(\w+)\.\w+\}/g)].map((match) => match[1]);
    expect(owners.length).toBeGreaterThan(50);
    expect(owners.filter((owner) => owner === undefined || !names.has(owner))).toEqual([]);
  });

  it("is refused with the name of the field that is wrong", () => {
    const broken = JSON.parse(text);
    broken.system.functions[0].timeoutSeconds = "20 seconds";
    expect(() => planSchema.parse(broken)).toThrow(/timeoutSeconds/);
  });
});

describe("the types of linked resources", () => {
  it("are written as SST writes them", () => {
    const links = [
      {
        name: "Settings",
        properties: { type: "sst.sst.Linkable", on: true, max: 1, nested: { a: "" } },
      },
      { name: "Bucket", properties: { type: "sst.aws.Bucket", name: "x" } },
    ];
    expect(renderTypes(links)).toContain(`declare module "sst" {
  export interface Resource {
    "Bucket": {
      "name": string
      "type": "sst.aws.Bucket"
    }
    "Settings": {
      "max": number
      "nested": {
        "a": string
      }
      "on": boolean
      "type": "sst.sst.Linkable"
    }
  }
}
`);
  });
});
