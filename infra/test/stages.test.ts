import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { findFindings } from "../cdk/nag.ts";
import { evaluateStage, settingNames } from "../plan/evaluate.ts";
import { findViolations } from "../plan/invariants/index.ts";
import { type Plan, readPlan } from "../plan/plan.ts";
import { normalize } from "./cdk/normalize.ts";
import { compare, expectFrom } from "./cdk/parity.ts";
import { synthesize } from "./cdk/synthesize.ts";
import { named } from "./mutations/mutation.ts";

/** An evaluation takes about 5 s alone, and has to share the machine with the other tests. */
const evaluationTimeoutMs = 120_000;

async function evaluate(...[stage, settings]: [string, Parameters<typeof evaluateStage>[2]?]) {
  return (await evaluateStage(stage, () => {}, settings)).plan;
}

describe("a personal stage with its own domain and somebody to tell", () => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await evaluate("mia", {
      DOMAIN: "mia.example.com",
      DOMAIN_CERT: "arn:aws:acm:us-east-1:123456789012:certificate/abc",
      ALERT_EMAIL: "mia@example.com",
      EXTRA_UPLOAD_ORIGINS: "https://video.example.com",
    });
  }, evaluationTimeoutMs);

  it("is as sound as production", () => {
    expect(findViolations(plan)).toEqual([]);
  });

  it("vanishes with `sst remove`", () => {
    expect(plan.resources.filter((resource) => resource.retainOnDelete)).toEqual([]);
    expect(plan.system.tables.map((table) => table.deletionProtection)).toEqual([false]);
    expect(named(plan.resources, "BucketBucket").inputs.forceDestroy).toBe(true);
  });

  it("has the resources of production, and whoever is told", () => {
    const typesOf = ({ resources }: Plan) => resources.map(({ type }) => type);
    const subscription = "aws:sns/topicSubscription:TopicSubscription";
    expect(typesOf(plan).sort()).toEqual([...typesOf(readPlan()), subscription].sort());
  });

  it("is the same in template and plan, and has no finding without an answer", () => {
    const { app, resources, template } = synthesize(plan);
    expect(compare(expectFrom(plan), normalize(plan, resources))).toEqual([]);
    expect(findFindings(app)).toEqual([]);
    template.resourceCountIs("AWS::SNS::Subscription", 1);
    template.hasOutput("Origin", { Value: "https://mia.example.com" });
  });

  it("takes a certificate from elsewhere, and leaves the DNS of its domain alone", () => {
    const { inputs } = named(plan.resources, "RouterCdnDistribution");
    // The plan writes its account as a reference.
    const acmCertificateArn = expect.stringMatching(/^arn:aws:acm:.*:certificate\/abc$/);
    expect(inputs.viewerCertificate).toMatchObject({ acmCertificateArn });
    expect(plan.resources.filter(({ type }) => type.startsWith("aws:route53/"))).toEqual([]);
  });

  it("shares no name with another stage", () => {
    const text = JSON.stringify(plan);
    expect(text).toContain("clipcast-publish-mia-videos-");
    expect(text).not.toContain("production");
  });
});

describe("a stage with settings", () => {
  let plan: Plan;
  beforeAll(async () => {
    plan = await evaluate("production", {
      DOMAIN: "post.example.com",
      ALERT_EMAIL: "ops@example.com",
      TERMS_URL: "https://example.com/terms",
      EXTRA_UPLOAD_ORIGINS: "https://video.example.com, https://studio.example.com",
    });
  }, evaluationTimeoutMs);

  it("is as sound as one without", () => {
    expect(findViolations(plan)).toEqual([]);
  });

  it("has its own domain for everything that names the origin", () => {
    const { system } = plan;
    expect(system.domains).toEqual(["post.example.com"]);
    expect(system.links.Site?.origin).toBe("https://post.example.com");
    expect(system.buckets[0]?.corsRules[0]?.allowedOrigins).toEqual([
      "https://post.example.com",
      "https://video.example.com",
      "https://studio.example.com",
    ]);
  });

  it("takes no TLS older than 1.2", () => {
    const { inputs } = named(plan.resources, "RouterCdnDistribution");
    expect(inputs.viewerCertificate).toMatchObject({ minimumProtocolVersion: "TLSv1.2_2021" });
  });

  it("tells its alarms to whom it may concern", () => {
    const subscriber = { protocol: "email", endpoint: "ops@example.com" };
    expect(plan.system.topics).toMatchObject([{ name: "Alerts", subscribers: [subscriber] }]);
  });

  it("gives the page its links", () => {
    const { Settings } = plan.system.links;
    expect(Settings).toMatchObject({ termsUrl: "https://example.com/terms", privacyUrl: "" });
  });
});

describe("settings", () => {
  it(
    "are refused by name when they are wrong",
    async () => {
      const evaluation = evaluate("mia", { PRIVACY_URL: "javascript:alert(1)" });
      await expect(evaluation).rejects.toThrow("PRIVACY_URL is not an https address");
    },
    evaluationTimeoutMs,
  );

  it("are the ones that infra reads", () => {
    const source = readFileSync(new URL("../settings.ts", import.meta.url), "utf8");
    const read = [...source.matchAll(/(?:setting|webAddress)\("(\w+)"\)/g)].map(
      (match) => match[1],
    );
    expect(read.sort()).toEqual([...settingNames].sort());
    expect(source.match(/process\.env/g)).toHaveLength(1);
  });
});
