/**
 * Answers for the providers that the plan cannot ask: what AWS would say a resource is called, and the few look-ups
 * that SST makes while it composes resources.
 *
 * Every answer is a made-up but well-formed value (SST takes ARNs and URLs apart), unique to its resource, and
 * remembered together with its name, so that references.ts can put `${Table.arn}` back in its place.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

export const account = "123456789012";
export const region = "eu-central-1";

/** A made-up value and what it stands for: `arn:aws:dynamodb:…` is the attribute `arn`. */
export type Attributes = Record<string, { attribute: string; value: string }>;

interface Subject {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** A name that SST made up ends in eight letters; one that somebody chose (`$default`) stands for nothing else. */
const physicalName = /-[a-z]{8}$/;

/** What a provider would add to the inputs of a resource, by the provider's own property names. */
export function provideAttributes(subject: Subject): { id: string; attributes: Attributes } {
  const id = uniqueId(`${subject.type}::${subject.name}`);
  const given =
    subject.type === "aws:s3/bucket:Bucket" ? subject.inputs.bucket : subject.inputs.name;
  const name = typeof given === "string" && physicalName.test(given) ? given : id;
  const service = subject.type.split(":")[1]?.split("/")[0] ?? "unknown";
  const arn = `arn:aws:${service}:${region}:${account}:${resourcePart(subject.type, name)}`;
  const plain: Attributes = {
    ...(name !== given && typeof given === "string"
      ? {}
      : { name: { attribute: "name", value: name } }),
    arn: { attribute: "arn", value: arn },
    // After the name: a resource without one is known by its id.
    id: { attribute: "id", value: id },
  };
  return { id, attributes: { ...plain, ...specialAttributes(subject.type, id, name) } };
}

/** What a provider would add besides plain values: the record by which ACM sees that a domain is ours. */
export function provideStructures({ type, inputs }: Subject): Record<string, unknown> {
  if (type !== "aws:acm/certificate:Certificate") return {};
  const validation = {
    domainName: inputs.domainName,
    resourceRecordName: `_validation.${inputs.domainName}`,
    resourceRecordType: "CNAME",
    resourceRecordValue: "_validation.acm-validations.aws",
  };
  return { domainValidationOptions: [validation] };
}

/** Answers a look-up. Throws for one it does not know: a guess would end up in the plan as a fact. */
export function answerCall(
  token: string,
  inputs: Record<string, unknown>,
): Record<string, unknown> {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return composePolicy(inputs);
    default:
      // Pulumi reports the `details` of an error and nothing else.
      throw Object.assign(new Error(token), { details: `The plan has no answer for ${token}` });
  }
}

function specialAttributes(type: string, id: string, name: string): Attributes {
  switch (type) {
    // SST's own look-up of a domain's zone in Route 53.
    case "pulumi-nodejs:dynamic:Resource":
      return { zoneId: { attribute: "zoneId", value: `${id}zone` } };
    case "aws:acm/certificateValidation:CertificateValidation":
      return { certificateArn: { attribute: "certificateArn", value: `${id}certificate` } };
    case "aws:s3/bucket:Bucket":
      return {
        bucket: { attribute: "name", value: name },
        arn: { attribute: "arn", value: `arn:aws:s3:::${name}` },
        bucketDomainName: { attribute: "domain", value: `${name}.s3.amazonaws.com` },
        bucketRegionalDomainName: {
          attribute: "regionalDomain",
          value: `${name}.s3.${region}.amazonaws.com`,
        },
      };
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
      return { id: { attribute: "url", value: url }, url: { attribute: "url", value: url } };
    }
    case "aws:lambda/function:Function": {
      const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
      const invoke = `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
      return { invokeArn: { attribute: "invokeArn", value: invoke } };
    }
    case "aws:apigatewayv2/api:Api": {
      const host = `${id}.execute-api.${region}.amazonaws.com`;
      return {
        host: { attribute: "host", value: host },
        apiEndpoint: { attribute: "url", value: `https://${host}` },
        executionArn: {
          attribute: "executionArn",
          value: `arn:aws:execute-api:${region}:${account}:${id}`,
        },
      };
    }
    case "aws:cloudfront/distribution:Distribution":
      return {
        domainName: { attribute: "domain", value: `${id}.cloudfront.net` },
        url: { attribute: "url", value: `https://${id}.cloudfront.net` },
        etag: { attribute: "etag", value: uniqueId(`${id}::etag`) },
      };
    case "random:index/randomBytes:RandomBytes":
      return { base64: { attribute: "base64", value: uniqueId(`${id}::base64`) } };
    default:
      return {};
  }
}

/** The last part of an ARN, where it is more than a name. SST takes only a function's and a queue's apart. */
function resourcePart(type: string, name: string): string {
  if (type === "aws:lambda/function:Function") return `function:${name}`;
  if (type === "aws:iam/role:Role") return `role/${name}`;
  if (type === "aws:dynamodb/table:Table") return `table/${name}`;
  return name;
}

/** A provider that gave no id would make Pulumi drop everything that depends on it. */
function uniqueId(seed: string): string {
  return `x${createHash("sha256").update(seed).digest("hex").slice(0, 16)}`;
}

const statementSchema = z.object({
  effect: z.string().default("Allow"),
  actions: z.array(z.string()),
  resources: z.array(z.string()).optional(),
  principals: z.array(z.object({ type: z.string(), identifiers: z.array(z.string()) })).optional(),
  conditions: z
    .array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) }))
    .nullish(),
});

function composePolicy(inputs: Record<string, unknown>): Record<string, unknown> {
  const statements = z.array(statementSchema).parse(inputs.statements ?? []);
  const Statement = statements.map((statement) => ({
    Effect: statement.effect,
    Action: statement.actions,
    ...(statement.resources && { Resource: statement.resources }),
    ...(statement.principals && {
      Principal: composePrincipals(statement.principals),
    }),
    ...(statement.conditions && {
      Condition: composeConditions(statement.conditions),
    }),
  }));
  const json = JSON.stringify({ Version: "2012-10-17", Statement });
  // SST looks at `statements` to decide whether a role gets a policy at all.
  return { id: uniqueId(json), json, minifiedJson: json, statements: inputs.statements };
}

/** Several conditions of one test stand together under it. */
function composeConditions(conditions: { test: string; variable: string; values: string[] }[]) {
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of conditions) {
    byTest[test] = { ...byTest[test], [variable]: values };
  }
  return byTest;
}

function composePrincipals(principals: { type: string; identifiers: string[] }[]) {
  if (principals.some((principal) => principal.type === "*")) return "*";
  return Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers]));
}
