/** Ways to let in who must not. */
import { reference } from "../../plan/references.ts";
import { drop, first, type Mutation, named } from "./mutation.ts";

export const accessMutations: Mutation[] = [
  {
    caught: "Webhook may dynamodb:*",
    change: ({ resources }) => {
      named(resources, "WebhookRole").inputs.inlinePolicies = inline(
        ["dynamodb:*"],
        reference("Table", "arn"),
      );
    },
  },
  {
    caught: "Poller may dynamodb:Query,dynamodb:Scan, which reads whole tables",
    change: ({ system }) => {
      for (const { actions } of named(system.functions, "Poller").permissions) {
        if (actions.includes("dynamodb:Query")) actions.push("dynamodb:Scan");
      }
    },
  },
  {
    caught: "Webhook may sqs:SendMessage on anything",
    change: ({ resources }) => {
      named(resources, "WebhookRole").inputs.inlinePolicies = inline(["sqs:SendMessage"], "*");
    },
  },
  {
    caught: "Relay has arn:aws:iam::aws:policy/AmazonS3FullAccess",
    change: ({ resources }) => {
      const { inputs } = named(resources, "RelayRole");
      inputs.managedPolicyArns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"];
    },
  },
  {
    caught: "Poller may kms:Encrypt,kms:Decrypt under any context",
    change: ({ system }) => {
      for (const permission of named(system.functions, "Poller").permissions) {
        delete permission.conditions;
      }
    },
  },
  {
    caught: "Relay may kms:Encrypt,kms:Decrypt under any context",
    change: ({ system }) => {
      // Such a condition is met by a call without any context.
      for (const { conditions } of named(system.functions, "Relay").permissions) {
        delete conditions?.StringLike;
      }
    },
  },
  {
    caught: "Bucket may be made public",
    change: ({ resources }) => {
      named(resources, "BucketPublicAccessBlock").inputs.blockPublicPolicy = false;
    },
  },
  {
    caught: "WebAssets may be made public",
    change: (plan) => drop(plan, "WebAssetsPublicAccessBlock"),
  },
  {
    caught: "Bucket lets anybody s3:GetObject",
    change: ({ resources }) => {
      named(resources, "BucketPolicy").inputs.policy = {
        Statement: [
          {
            Effect: "Allow",
            Principal: "*",
            Action: "s3:GetObject",
            Resource: `${reference("Bucket", "arn")}/*`,
          },
        ],
      };
    },
  },
  {
    caught: "Bucket hides the ETag from browsers",
    change: ({ system }) => {
      for (const rule of first(system.buckets).corsRules) rule.exposeHeaders = [];
    },
  },
  {
    caught: "Bucket answers every origin",
    change: ({ system }) => {
      for (const rule of first(system.buckets).corsRules) rule.allowedOrigins.push("*");
    },
  },
  { caught: "Bucket takes plain HTTP", change: (plan) => drop(plan, "BucketPolicy") },
  { caught: "CheckQueue takes plain HTTP", change: (plan) => drop(plan, "CheckQueuePolicy") },
  { caught: "Alerts takes plain HTTP", change: (plan) => drop(plan, "AlertsPolicy") },
  {
    caught: "RelayQueue takes plain HTTP",
    change: ({ resources }) => {
      named(resources, "RelayQueuePolicy").inputs.queueUrl = reference("CheckQueue", "url");
    },
  },
  {
    caught: "RouterCdn serves plain HTTP",
    change: ({ resources }) => {
      named(resources, "RouterCdnDistribution").inputs.orderedCacheBehaviors = [
        { pathPattern: "/old", viewerProtocolPolicy: "allow-all" },
      ];
    },
  },
  {
    caught: "Bucket is not encrypted",
    change: ({ system }) => {
      first(system.buckets).encrypted = false;
    },
  },
  {
    caught: "RelayQueue is not encrypted",
    change: ({ system }) => {
      named(system.queues, "RelayQueue").encrypted = false;
    },
  },
  {
    caught: "Alerts is not encrypted",
    change: ({ system }) => {
      first(system.topics).key = null;
    },
  },
  {
    caught: "TikTokClientSecret has a value",
    change: ({ system }) => {
      system.links.TikTokClientSecret = { type: "sst.sst.Secret", value: "abc" };
    },
  },
  {
    caught: "Api has COOKIE_SECRET in its environment",
    change: ({ system }) => {
      named(system.functions, "Api").environment.COOKIE_SECRET = "abc";
    },
  },
  {
    caught: "the plan has an AWS access key in it",
    change: ({ system }) => {
      named(system.functions, "Api").environment.WHO = `AKIA${"A".repeat(16)}`;
    },
  },
];

function inline(actions: string[], resource: string) {
  const statement = { Effect: "Allow", Action: actions, Resource: [resource] };
  return [{ name: "inline", policy: { Version: "2012-10-17", Statement: [statement] } }];
}
