import { describe, expect, it } from "vitest";
import { type Plan, readPlan } from "../plan/plan.ts";
import {
  alterPlan,
  alterTemplate,
  listPlanAlterations,
  listTemplateAlterations,
} from "./cdk/alterations.ts";
import { normalize } from "./cdk/normalize.ts";
import { compare, expectFrom } from "./cdk/parity.ts";
import { type Resources, synthesize } from "./cdk/synthesize.ts";
import { first, named } from "./mutations/mutation.ts";

const plan = readPlan();
const { resources } = synthesize(plan);
const expectation = expectFrom(plan);
const actual = normalize(plan, resources);

/** A few thousand comparisons, which share the machine with the other tests. */
const manyTimeoutMs = 120_000;

function differencesFromPlan(change: (plan: Plan) => void): string[] {
  const changed = structuredClone(plan);
  change(changed);
  return compare(expectFrom(changed), actual);
}

function differencesFromTemplate(change: (resources: Resources) => void): string[] {
  const changed = structuredClone(resources);
  change(changed);
  return compare(expectation, normalize(plan, changed));
}

describe("template and plan", () => {
  it("say the same", () => {
    expect(compare(expectation, actual)).toEqual([]);
  });

  it(
    "differ when any property changes in the plan alone",
    () => {
      const alterations = listPlanAlterations(plan);
      const missed = alterations.filter(
        (alteration) => compare(expectFrom(alterPlan(plan, alteration)), actual).length === 0,
      );
      expect(missed).toEqual([]);
      expect(alterations.length).toBeGreaterThan(150);
    },
    manyTimeoutMs,
  );

  it(
    "differ when any property changes in the template alone",
    () => {
      const alterations = listTemplateAlterations(resources);
      const missed = alterations.filter((alteration) => {
        const altered = normalize(plan, alterTemplate(resources, alteration));
        return compare(expectation, altered).length === 0;
      });
      expect(missed).toEqual([]);
      expect(alterations.length).toBeGreaterThan(150);
    },
    manyTimeoutMs,
  );
});

describe("a change of the plan alone is told by name", () => {
  it("of a queue's visibility", () => {
    const differences = differencesFromPlan(({ resources }) => {
      named(resources, "RelayQueueQueue").inputs.visibilityTimeoutSeconds = 1_020;
    });
    expect(differences).toEqual(["RelayQueueQueue.VisibilityTimeout: 1020 → 960"]);
  });

  it("of a link, a caching rule, a route of the one origin", () => {
    expect(
      differencesFromPlan(({ system }) => {
        named(system.functions, "Webhook").links.push("Settings");
      }),
    ).toEqual([
      expect.stringContaining("WebhookFunction.Environment.Variables.SST_RESOURCE_Settings"),
    ]);
    expect(
      differencesFromPlan(({ system }) => {
        first(system.site.cacheRules).cacheControl = "max-age=60";
      }),
    ).toEqual(["PageFilesCustomResource.SystemMetadata.cache-control: max-age=60 → no-cache"]);
    expect(
      differencesFromPlan(({ resources }) => {
        named(resources, "RouterRoute/apiRoutesUpdate.sst.aws.KvRoutesUpdate").inputs.entry =
          "url,7510,,/v2";
      }),
    ).toEqual([
      "RouterCloudfrontFunctionRequest.Entries.aa7c:routes.0: url,7510,,/v2 → url,7510,,/api",
    ]);
  });

  it("of what survives the stack", () => {
    const differences = differencesFromPlan(({ resources }) => {
      named(resources, "SealKey").retainOnDelete = false;
    });
    expect(differences).toContain("SealKey.DeletionPolicy: Delete → Retain");
  });

  it("of a resource", () => {
    expect(
      differencesFromPlan((changed) => {
        changed.resources = changed.resources.filter(({ name }) => name !== "ApiSlow");
      }),
    ).toEqual(["ApiSlow is only in the template"]);
    expect(
      differencesFromPlan(({ resources }) => {
        resources.push({ ...named(resources, "ApiSlow"), name: "ApiSlower" });
      }),
    ).toEqual(["ApiSlower is only in the plan"]);
    expect(
      differencesFromPlan(({ resources }) => {
        resources.push({ ...named(resources, "ApiSlow"), type: "aws:ec2/instance:Instance" });
      }),
    ).toEqual(["ApiSlow: nothing is known of aws:ec2/instance:Instance"]);
    expect(
      differencesFromPlan(({ resources }) => {
        named(resources, "BucketCors").inputs.bucket = "another";
      }),
    ).toContain("BucketCors is part of nothing");
  });
});

describe("a change of the template alone is told by name", () => {
  it("of a permission", () => {
    const differences = differencesFromTemplate((changed) => {
      const role = changed.WebhookRole?.Properties;
      const text = JSON.stringify(role).replace('"sqs:SendMessage"', '"sqs:*"');
      Object.assign(role ?? {}, JSON.parse(text));
    });
    expect(differences).toEqual([
      "WebhookRole.Policies.0.PolicyDocument.Statement.1.Action: sqs:SendMessage → sqs:*",
    ]);
  });

  it("of an ARN, although both belong to queues", () => {
    const differences = differencesFromTemplate((changed) => {
      const { RelayQueueSubscriberEoevkaEventSourceMapping: source } = changed;
      Object.assign(source?.Properties ?? {}, {
        EventSourceArn: { "Fn::GetAtt": ["CheckQueueQueue", "Arn"] },
      });
    });
    expect(differences).toEqual([
      expect.stringMatching(/EventSourceArn: \$\{RelayQueue\.arn\} → \$\{CheckQueue\.arn\}$/),
    ]);
  });

  it("of an attribute that is no ARN", () => {
    const differences = differencesFromTemplate((changed) => {
      const target = { Ref: "PollerFunction" };
      Object.assign(changed.PollerScheduleSchedule?.Properties.Target ?? {}, { Arn: target });
    });
    expect(differences).toEqual([
      expect.stringMatching(/Target\.Arn: \$\{Poller\.arn\} → \$\{Poller\.name\}$/),
    ]);
  });

  it("of a resource", () => {
    expect(
      differencesFromTemplate((changed) => {
        delete changed.RelayQueuePolicy;
      }),
    ).toEqual(["RelayQueuePolicy is only in the plan"]);
    expect(
      differencesFromTemplate((changed) => {
        changed.Another = named(
          Object.entries(changed).map(([name, resource]) => ({ name, ...resource })),
          "ApiSlow",
        );
      }),
    ).toEqual(["Another is only in the template"]);
  });
});
