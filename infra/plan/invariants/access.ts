/** Rules of who may do what: permissions, public access, encryption at rest and on the way, secrets. */
import type { Plan } from "../plan.ts";
import { ofType, ownerOf, type Rules, type Statement, statementsOf } from "./rule.ts";

/** Wildcards that somebody has thought about, as this file's rule words them. */
const wildcardReasons: Record<string, string> = {
  "AlertKey may kms:*": "the account must be able to change its key; AWS gives it to any key",
  "AlertKey may kms:* on anything": "a key's own policy is about that key, and calls it *",
  "AlertKey may kms:Decrypt,kms:GenerateDataKey on anything":
    "a key's own policy is about that key, and calls it *",
};

/** Policies that AWS maintains, which name resources by wildcard. */
const managedPolicyReasons: Record<string, string> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole":
    "writes logs and nothing else; SST gives it to every function",
};

export const accessRules: Rules = {
  "permissions name actions and resources, or there is a reason": ({ resources }) =>
    resources.flatMap((resource) => {
      const owner = ownerOf(resource);
      const managed = resource.inputs.managedPolicyArns;
      return [
        ...statementsOf(resource).flatMap((statement) => wildcards(owner, statement)),
        ...(Array.isArray(managed) ? managed : [])
          .filter((arn) => !(String(arn) in managedPolicyReasons))
          .map((arn) => `${owner} has ${arn}`),
      ].filter((wildcard) => !(wildcard in wildcardReasons));
    }),

  // What a creator or a tick waits for is found by key or by index, so that its cost never follows what the table holds.
  "no function scans": ({ system }) =>
    system.functions.flatMap(({ name, permissions }) =>
      permissions
        .filter(({ actions }) =>
          actions.some((action) => /^dynamodb:(Scan|PartiQL.*|\*)$/.test(action)),
        )
        .map(({ actions }) => `${name} may ${actions}, which reads whole tables`),
    ),

  "a key opens only under a named encryption context": ({ system }) =>
    system.functions.flatMap(({ name, permissions }) =>
      permissions
        .filter(({ actions }) => actions.some((action) => action.startsWith("kms:")))
        .filter(({ conditions = {} }) => !isBoundToContext(conditions))
        .map(({ actions }) => `${name} may ${actions} under any context`),
    ),

  "no bucket is public": (plan) => [
    ...ofType(plan, "aws:s3/bucket:Bucket")
      .filter((bucket) => !isBlocked(plan, ownerOf(bucket)))
      .map((bucket) => `${ownerOf(bucket)} may be made public`),
    ...plan.resources.flatMap((resource) =>
      statementsOf(resource)
        .filter(({ Effect, Principal }) => Effect === "Allow" && isAnybody(Principal))
        .map(({ Action }) => `${ownerOf(resource)} lets anybody ${Action}`),
    ),
  ],

  "a browser sees the ETag of a part, and only from named origins": ({ system }) =>
    system.buckets.flatMap(({ name, corsRules }) => [
      ...(corsRules.some(
        (rule) => rule.exposeHeaders.includes("ETag") && rule.allowedMethods.includes("PUT"),
      )
        ? []
        : [`${name} hides the ETag from browsers`]),
      ...(corsRules.some((rule) => rule.allowedOrigins.includes("*"))
        ? [`${name} answers every origin`]
        : []),
    ]),

  "what comes without TLS is refused": (plan) => [
    ...tlsSubjects.flatMap(({ type, policyType, attachment }) =>
      ofType(plan, type)
        .map(ownerOf)
        .filter((owner) => {
          const policies = ofType(plan, policyType).filter(({ inputs }) =>
            Object.values(inputs).includes(`\${${owner}.${attachment}}`),
          );
          return !policies.flatMap(statementsOf).some(isTlsDemand);
        })
        .map((owner) => `${owner} takes plain HTTP`),
    ),
    ...ofType(plan, "aws:cloudfront/distribution:Distribution")
      .filter(
        ({ inputs }) => !viewerPolicies(inputs).every((policy) => tlsPolicies.includes(policy)),
      )
      .map((distribution) => `${ownerOf(distribution)} serves plain HTTP`),
  ],

  "what is stored is encrypted": ({ system }) => [
    ...[...system.buckets, ...system.queues]
      .filter(({ encrypted }) => !encrypted)
      .map(({ name }) => `${name} is not encrypted`),
    ...system.topics
      .filter(({ key }) => key === null)
      .map(({ name }) => `${name} is not encrypted`),
  ],

  "no secret is in the plan": (plan) => [
    ...Object.entries(plan.system.links)
      .filter(([, link]) => link.type === "sst.sst.Secret")
      .filter(([name, { value }]) => JSON.stringify(value) !== `{"ref":"${name}.value"}`)
      .map(([name]) => `${name} has a value`),
    ...plan.system.functions.flatMap(({ name, environment }) =>
      Object.keys(environment)
        .filter((key) => /SECRET|TOKEN|PASSWORD|PRIVATE|CREDENTIAL/i.test(key))
        .map((key) => `${name} has ${key} in its environment`),
    ),
    ...secretShapes
      .filter(({ pattern }) => pattern.test(JSON.stringify(plan)))
      .map(({ what }) => `the plan has ${what} in it`),
  ],
};

const secretShapes = [
  { what: "an AWS access key", pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  // SST gives it to the evaluation in place of every secret; it must have become a reference.
  { what: "a secret's placeholder", pattern: /placeholder-for-secret-/ },
];

/** Kinds of resources that take requests, and the policies that can refuse plain HTTP. */
const tlsSubjects = [
  {
    type: "aws:s3/bucket:Bucket",
    policyType: "aws:s3/bucketPolicy:BucketPolicy",
    attachment: "name",
  },
  { type: "aws:sqs/queue:Queue", policyType: "aws:sqs/queuePolicy:QueuePolicy", attachment: "url" },
  { type: "aws:sns/topic:Topic", policyType: "aws:sns/topicPolicy:TopicPolicy", attachment: "arn" },
];

const tlsPolicies = ["redirect-to-https", "https-only"];

/** Of every behaviour that a distribution has, however deep it stands. */
function viewerPolicies(inputs: unknown): string[] {
  const found = JSON.stringify(inputs).matchAll(/"viewerProtocolPolicy":"([^"]*)"/g);
  return [...found].map((match) => match[1] ?? "");
}

function wildcards(owner: string, { Effect, Action, Resource }: Statement): string[] {
  if (Effect === "Deny") return [];
  return [
    ...Action.filter((action) => action.includes("*")).map((action) => `${owner} may ${action}`),
    ...Resource.filter((name) => name === "*").map(() => `${owner} may ${Action} on anything`),
  ];
}

function isBoundToContext(conditions: Record<string, Record<string, string[]>>): boolean {
  const keys = conditions["ForAllValues:StringEquals"]?.["kms:EncryptionContextKeys"] ?? [];
  // "For all values" holds without any context, too, so each key must be asked for by itself.
  const present = conditions.StringLike ?? {};
  return keys.length > 0 && keys.every((key) => `kms:EncryptionContext:${key}` in present);
}

function isBlocked(plan: Plan, owner: string): boolean {
  const blocks = ofType(plan, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
  const block = blocks.find((candidate) => ownerOf(candidate) === owner)?.inputs ?? {};
  const settings = [
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
  ];
  return settings.every((setting) => block[setting] === true);
}

function isAnybody(principal: unknown): boolean {
  return principal === "*" || JSON.stringify(principal) === '{"AWS":"*"}';
}

function isTlsDemand({ Effect, Principal, Condition }: Statement): boolean {
  const flag = JSON.stringify(Condition.Bool?.["aws:SecureTransport"]);
  return Effect === "Deny" && isAnybody(Principal) && (flag === '"false"' || flag === '["false"]');
}
