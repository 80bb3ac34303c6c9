/**
 * A template in the plan's words: `{"Fn::GetAtt": ["TableTable", "Arn"]}` reads `${Table.arn}` again. What an attribute is
 * called is written down here a second time on purpose, from CloudFormation's documentation: a stack that refers to the
 * wrong one must not be compared with its own mistake.
 */
import type { Plan } from "../../plan/plan.ts";
import { ownerName, reference } from "../../plan/references.ts";
import type { Resources } from "./synthesize.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html: "Return values" of each type. */
const returnValues: Record<string, Record<string, string>> = {
  "AWS::ApiGatewayV2::Api": { Ref: "id" },
  "AWS::ApiGatewayV2::Integration": { Ref: "id" },
  "AWS::CloudFront::CachePolicy": { Id: "id" },
  "AWS::CloudFront::Distribution": { Ref: "id", DomainName: "domain" },
  "AWS::CloudFront::Function": { FunctionARN: "arn" },
  "AWS::CloudFront::ResponseHeadersPolicy": { Id: "id" },
  "AWS::CloudWatch::Alarm": { Arn: "arn" },
  "AWS::DynamoDB::Table": { Ref: "name", Arn: "arn" },
  "AWS::IAM::Role": { Arn: "arn" },
  "AWS::KMS::Key": { Arn: "arn" },
  "AWS::Lambda::EventSourceMapping": { Ref: "id" },
  "AWS::Lambda::Function": { Ref: "name", Arn: "arn" },
  "AWS::Logs::LogGroup": { Ref: "name", Arn: "arn" },
  "AWS::S3::Bucket": { Ref: "name", Arn: "arn", RegionalDomainName: "regionalDomain" },
  "AWS::SNS::Topic": { Ref: "arn" },
  "AWS::SQS::Queue": { Ref: "url", Arn: "arn", QueueName: "name" },
};

const pseudoParameters: Record<string, string> = {
  "AWS::AccountId": reference("AWS", "accountId"),
  "AWS::Region": reference("AWS", "region"),
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
};

type Rename = (match: string, owner: string) => string;
const as =
  (attribute: string): Rename =>
  (_, owner) =>
    reference(owner, attribute);

/** What the plan knows as one attribute and CloudFormation composes of several. */
const compositions: [RegExp, Rename][] = [
  [/\$\{(\w+)\.id\}\.execute-api\.\$\{AWS\.region\}\.amazonaws\.com/g, as("host")],
  [
    /arn:aws:execute-api:\$\{AWS\.region\}:\$\{AWS\.accountId\}:\$\{(\w+)\.id\}/g,
    as("executionArn"),
  ],
  [/https:\/\/\$\{(\w+)\.domain\}/g, as("url")],
  [/\{\{resolve:secretsmanager:[\w-]+\/[\w-]+\/(\w+):SecretString:::\}\}/g, as("value")],
];

/** The same resources, without CloudFormation's functions. */
export function normalize(plan: Plan, resources: Resources): Resources {
  const byName = new Map(plan.resources.map((resource) => [resource.name, resource]));
  const owners = new Map(
    plan.resources.map((resource) => [
      resource.name.replaceAll(/\W/g, ""),
      ownerName(resource, byName),
    ]),
  );

  const refer = (id: string, attribute: string): string => {
    const type = resources[id]?.Type ?? "";
    const name = returnValues[type]?.[attribute] ?? `${type}.${attribute}`;
    return pseudoParameters[id] ?? reference(owners.get(id) ?? id, name);
  };

  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return compose(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const [entry, ...others] = Object.entries(value);
    if (entry === undefined || others.length > 0) return walkMembers(value);
    const [name, argument] = entry;
    if (name === "Ref") return refer(String(argument), "Ref");
    if (name === "Fn::GetAtt") return refer(String(argument[0]), String(argument[1]));
    if (name === "Fn::Join") return compose(argument[1].map(walk).join(argument[0]));
    return walkMembers(value);
  };
  const walkMembers = (value: object) =>
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));

  return Object.fromEntries(
    // CDK ends the ids of its custom resources in what it draws from their settings.
    Object.entries(walk(resources) as Resources).map(([id, resource]) => [
      id.replace(/(?<=CustomResource)\w+$/, ""),
      resource,
    ]),
  );
}

function compose(value: string): string {
  if (!value.includes("{")) return value;
  return compositions.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), value);
}
