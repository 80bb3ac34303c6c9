import { readSystem, type System } from "@clipcast/infra/plan";
import { describe, expect, it } from "vitest";
import { listUnhonoured, otherRuntimes } from "../../src/host/notices.ts";
import { projectRoot } from "../../src/index.ts";

const read = () => readSystem(`${projectRoot}/infra/plan/plan.json`);

function without(change: (system: System) => void): string[] {
  const system = read();
  change(system);
  return listUnhonoured(system);
}

describe("what one machine cannot honour", () => {
  it("is said of the committed plan", () => {
    const notices = listUnhonoured(read());
    expect(notices).toContain("no IAM checks");
    expect(notices).toContain("no encryption at rest");
    expect(notices).toContain("http instead of TLS");
    expect(notices).toContain("no dashboard");
    expect(notices).toContainEqual(expect.stringMatching(/^no alarms \(\d+\)$/));
  });

  const cases: [notice: string, change: (system: System) => void][] = [
    ["no dashboard", (system) => system.dashboards.splice(0)],
    ["no alarms", (system) => system.alarms.splice(0)],
    ["http instead of TLS", (system) => delete system.headers["strict-transport-security"]],
    [
      "no key rotation",
      (system) => {
        for (const key of system.keys) key.rotation = false;
      },
    ],
    [
      "no point-in-time recovery",
      (system) => {
        for (const table of system.tables) table.pointInTimeRecovery = false;
      },
    ],
    [
      "no deletion protection",
      (system) => {
        for (const table of system.tables) table.deletionProtection = false;
      },
    ],
    [
      "no encryption at rest",
      (system) => {
        for (const spec of [...system.buckets, ...system.queues]) spec.encrypted = false;
        for (const topic of system.topics) topic.key = null;
      },
    ],
  ];

  it.each(cases)("has no `%s` when the plan asks for none", (notice, change) => {
    expect(listUnhonoured(read()).join()).toContain(notice);
    expect(without(change).join()).not.toContain(notice);
  });

  it("names another Node than the plan's", () => {
    const { functions } = read();
    expect(otherRuntimes(functions, "24.19.2")).toEqual([]);
    expect(otherRuntimes(functions, "26.0.0")).toEqual(["nodejs26.x instead of nodejs24.x"]);
  });

  it("names a domain and its listeners only where there are some", () => {
    const notices = without((system) => {
      system.domains.push("post.example.com");
      for (const topic of system.topics) {
        topic.subscribers.push({ protocol: "email", endpoint: "ops@example.com" });
      }
    });
    expect(notices).toContain("localhost instead of post.example.com");
    expect(notices).toContain("nobody is told of alarms");
    expect(listUnhonoured(read()).join()).not.toMatch(/localhost|nobody/);
  });
});
