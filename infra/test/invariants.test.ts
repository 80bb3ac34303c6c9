import { describe, expect, it } from "vitest";
import { findViolations } from "../plan/invariants.ts";
import { type Plan, readPlan } from "../plan/plan.ts";

/** The committed plan with one thing changed. */
function planWith(change: (plan: Plan) => void): Plan {
  const plan = readPlan();
  change(plan);
  return plan;
}

function named<T extends { name: string }>(items: T[], name: string): T {
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) throw new Error(`no ${name}`);
  return item;
}

function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("empty");
  return item;
}

describe("the invariants of the plan", () => {
  it("hold for the committed plan", () => {
    expect(findViolations(readPlan())).toEqual([]);
  });

  const mutations: [caught: string, change: (plan: Plan) => void][] = [
    [
      "RelayQueue hides for 899 s, Relay runs 900 s",
      ({ system }) => {
        named(system.queues, "RelayQueue").visibilityTimeoutSeconds = 899;
      },
    ],
    [
      "RelayQueue reports no partial failures",
      ({ system }) => {
        for (const source of system.eventSources) {
          source.partialResponses = source.queue !== "RelayQueue";
        }
      },
    ],
    [
      "RelayQueue gives up after 2 receives",
      ({ system }) => {
        named(system.queues, "RelayQueue").deadLetter = {
          queue: "RelayDeadQueue",
          maxReceiveCount: 2,
        };
      },
    ],
    [
      "nobody reads RelayDeadQueue",
      ({ system }) => {
        system.eventSources = system.eventSources.filter((s) => s.queue !== "RelayDeadQueue");
      },
    ],
    [
      "RelayDeadQueue forgets before RelayQueue's messages reach it",
      ({ system }) => {
        named(system.queues, "RelayDeadQueue").messageRetentionSeconds = 345_600;
      },
    ],
    [
      "RelayQueue asks for a concurrency of 1",
      ({ system }) => {
        for (const source of system.eventSources) {
          if (source.queue === "RelayQueue") source.maximumConcurrency = 1;
        }
      },
    ],
    [
      "Bucket keeps parts of abandoned uploads",
      ({ system }) => {
        for (const rule of first(system.buckets).lifecycleRules) {
          rule.abortIncompleteMultipartDays = null;
        }
      },
    ],
    [
      "Bucket keeps objects for ever",
      ({ system }) => {
        for (const rule of first(system.buckets).lifecycleRules) rule.expirationDays = null;
      },
    ],
    [
      "Bucket hides the ETag from browsers",
      ({ system }) => {
        for (const rule of first(system.buckets).corsRules) rule.exposeHeaders = [];
      },
    ],
    [
      "Bucket answers every origin",
      ({ system }) => {
        for (const rule of first(system.buckets).corsRules) rule.allowedOrigins.push("*");
      },
    ],
    [
      "Table lacks dueAtMs",
      ({ system }) => {
        delete first(system.tables).fields.dueAtMs;
      },
    ],
    [
      "Table has no use for status",
      ({ system }) => {
        first(system.tables).fields.status = "S";
      },
    ],
    [
      "Table has no PITR",
      ({ system }) => {
        first(system.tables).pointInTimeRecovery = false;
      },
    ],
    [
      "SealKey does not rotate",
      ({ system }) => {
        first(system.keys).rotation = false;
      },
    ],
    [
      "SealKey goes with the stack",
      ({ resources }) => {
        named(resources, "SealKey").retainOnDelete = false;
      },
    ],
    [
      "TableTable can be deleted",
      ({ resources }) => {
        named(resources, "TableTable").inputs.deletionProtectionEnabled = false;
      },
    ],
    [
      "Webhook may dynamodb:*",
      ({ system }) => {
        first(named(system.functions, "Webhook").permissions).actions.push("dynamodb:*");
      },
    ],
    [
      "Webhook may dynamodb:GetItem,dynamodb:PutItem on anything",
      ({ system }) => {
        first(named(system.functions, "Webhook").permissions).resources.push("*");
      },
    ],
    [
      "nothing starts Poller",
      ({ system }) => {
        system.schedules = [];
      },
    ],
    [
      "Api outlasts API Gateway",
      ({ system }) => {
        named(system.functions, "Api").timeoutSeconds = 30;
      },
    ],
    [
      "PollerSchedule has rate(banana)",
      ({ system }) => {
        first(system.schedules).expression = "rate(banana)";
      },
    ],
  ];

  it.each(mutations)("catch that %s", (caught, change) => {
    const violations = findViolations(planWith(change));
    expect(violations).toContainEqual(expect.stringContaining(caught));
  });
});
