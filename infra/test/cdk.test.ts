import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { findFindings } from "../cdk/nag.ts";
import { type Plan, readPlan } from "../plan/plan.ts";
import { reference } from "../plan/references.ts";
import { explains, listAnswers } from "./cdk/answers.ts";
import { findReferenceProblems } from "./cdk/graph.ts";
import { normalize } from "./cdk/normalize.ts";
import { loadRouter } from "./cdk/router.ts";
import { synthesize } from "./cdk/synthesize.ts";
import { named } from "./mutations/mutation.ts";

const plan = readPlan();
const { app, stack, template, resources } = synthesize(plan);

function changedPlan(change: (plan: Plan) => void): Plan {
  const changed = readPlan();
  change(changed);
  return changed;
}

describe("the CloudFormation template", () => {
  it("keeps production's data, and its stack from being deleted by accident", () => {
    const retained = Object.entries(resources).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === "Retain",
    );
    expect(retained.map(([id]) => id).sort()).toEqual(["BucketBucket", "SealKey", "TableTable"]);
    template.hasResourceProperties("AWS::DynamoDB::Table", { DeletionProtectionEnabled: true });
    expect(stack.terminationProtection).toBe(true);
  });

  it("lets a personal stage vanish", () => {
    const personal = synthesize(
      changedPlan(({ resources }) => {
        for (const resource of resources) resource.retainOnDelete = false;
      }),
    );
    const policies = Object.values(personal.resources).map(({ DeletionPolicy }) => DeletionPolicy);
    expect([...new Set(policies)]).toEqual(["Delete"]);
    expect(personal.stack.terminationProtection).toBe(false);
  });

  it("reads secrets at deployment and holds none", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Handler: "api.handler",
      Environment: {
        Variables: {
          SST_RESOURCE_TikTokClientSecret:
            '{"type":"sst.sst.Secret","value":"{{resolve:secretsmanager:clipcast-publish/production/TikTokClientSecret:SecretString:::}}"}',
          SST_KEY: Match.absent(),
        },
      },
    });
  });

  it("leaves no reference of the plan unresolved", () => {
    const leftovers = JSON.stringify(template.toJSON()).match(/\$\{\w+\.\w+\}/g);
    expect(leftovers).toBeNull();
  });

  it("refers to nothing that it does not have, and never in a circle", () => {
    expect(findReferenceProblems(resources)).toEqual([]);
    const circle = structuredClone(resources);
    Object.assign(circle.GatewayApi?.Properties ?? {}, { Name: { Ref: "ApiFunction" } });
    expect(findReferenceProblems(circle)).toContainEqual(expect.stringContaining("circle"));
  });

  it("copies what never changes before the page that asks for it", () => {
    template.hasResource("Custom::CDKBucketDeployment", {
      Properties: { SystemMetadata: { "cache-control": "no-cache" }, Exclude: ["assets/*"] },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp("^PageFiles0CustomResource")]),
    });
  });

  it("serves page and API at one origin, under the security headers", () => {
    template.hasResourceProperties("AWS::CloudFront::Distribution", {
      DistributionConfig: {
        DefaultCacheBehavior: {
          ResponseHeadersPolicyId: { "Fn::GetAtt": ["SecurityHeaders", "Id"] },
          ViewerProtocolPolicy: "redirect-to-https",
        },
      },
    });
    template.resourceCountIs("AWS::CloudFront::Distribution", 1);
  });

  it("is not written while the plan says what it cannot", () => {
    const withProperty = changedPlan(({ resources }) => {
      named(resources, "RelayQueueQueue").inputs.maxMessageSize = 1_024;
    });
    expect(() => synthesize(withProperty)).toThrow("RelayQueueQueue says what the stack does not");
    const withType = changedPlan(({ resources }) => {
      named(resources, "ApiCode").type = "aws:mq/broker:Broker";
    });
    expect(() => synthesize(withType)).toThrow("no translation of aws:mq/broker:Broker");
    const withReference = changedPlan(({ resources }) => {
      named(resources, "RelayQueuePolicy").inputs.queueUrl = reference("RelayQueue", "colour");
    });
    expect(() => synthesize(withReference)).toThrow(
      "Nothing in the stack provides RelayQueue.colour",
    );
  });
});

describe("the one origin, as the template routes it", async () => {
  const route = await loadRouter(
    normalize(plan, resources).RouterCloudfrontFunctionRequest?.Properties.FunctionCode,
  );

  it("serves the page, also for addresses that the page itself knows", async () => {
    const page = { uri: "/index.html", host: reference("WebAssets", "regionalDomain") };
    expect(await route("/")).toEqual(page);
    expect(await route("/p/pub_01J9ZK")).toEqual(page);
  });

  it("serves a built file by its name, also one of an earlier build", async () => {
    const uri = "/assets/index-of-an-earlier-build.js";
    expect(await route(uri)).toEqual({ uri, host: reference("WebAssets", "regionalDomain") });
  });

  it("sends the API's paths to the API, and none that only begins alike", async () => {
    expect(await route("/api/me")).toEqual({ uri: "/api/me", host: reference("Gateway", "host") });
    expect(await route("/apiary")).toMatchObject({ uri: "/index.html" });
  });
});

describe("cdk-nag", () => {
  const told = findFindings(synthesize(plan, { answers: false }).app);

  it("finds nothing that has no answer", () => {
    expect(findFindings(app)).toEqual([]);
  });

  it("finds something without the answers", () => {
    expect(told.map(({ id, path }) => `${path.split("/").at(-1)} ${id}`)).toContain(
      "CheckQueueQueue AwsSolutions-SQS3",
    );
  });

  it("is answered finding by finding, and no answer outlives its finding", () => {
    const answers = listAnswers(app);
    const stale = answers.filter((answer) => !told.some((finding) => explains(answer, finding)));
    expect(stale).toEqual([]);
    // An answer of a few words is none.
    expect(answers.filter(({ reason }) => reason.length < 60)).toEqual([]);
  });

  it("finds a bucket that takes plain HTTP", () => {
    const open = changedPlan(({ resources }) => {
      named(resources, "BucketPolicy").inputs.policy = { Version: "2012-10-17", Statement: [] };
    });
    const findings = findFindings(synthesize(open).app).map(({ id }) => id);
    expect(findings).toContain("AwsSolutions-S10");
  });
});
