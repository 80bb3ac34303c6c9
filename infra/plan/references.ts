/**
 * Replaces made-up values by what they stand for: a queue's ARN becomes `${RelayQueue.arn}`, also inside longer
 * strings. After this nothing in the plan depends on a machine, an account or on chance.
 *
 * The owner in a reference is the component that a reader of infra/*.ts knows (`Table`), or the resource's own name
 * (`ApiRole`) where there is none.
 */
import type { ChildOutput } from "./child.ts";
import type { Registration } from "./monitor.ts";
import { account, region } from "./providers.ts";
import { secretValue } from "./secrets.ts";

/** The resource that a component is mainly about; it lends the component its attributes. */
const mainTypeByComponent: Record<string, string> = {
  "sst:aws:Bucket": "aws:s3/bucket:Bucket",
  "sst:aws:Dynamo": "aws:dynamodb/table:Table",
  "sst:aws:Queue": "aws:sqs/queue:Queue",
  "sst:aws:QueueLambdaSubscriber": "aws:lambda/eventSourceMapping:EventSourceMapping",
  "sst:aws:SnsTopic": "aws:sns/topic:Topic",
  "sst:aws:Function": "aws:lambda/function:Function",
  "sst:aws:ApiGatewayV2": "aws:apigatewayv2/api:Api",
  "sst:aws:CDN": "aws:cloudfront/distribution:Distribution",
  "sst:aws:Router": "sst:aws:CDN",
};

const referencePattern = /^\$\{([A-Za-z0-9]+)\.([A-Za-z]+)\}$/;

/** `${Table.name}` → its two halves; undefined when the value is anything else. */
export function parseReference(value: unknown): { owner: string; attribute: string } | undefined {
  const match = typeof value === "string" ? referencePattern.exec(value) : null;
  return match?.[1] && match[2] ? { owner: match[1], attribute: match[2] } : undefined;
}

/** Returns a copy of everything the program registered, with references in place of values. */
export function resolveReferences(
  output: ChildOutput,
  paths: { root: string; workDir: string },
): ChildOutput {
  const replacements = listReplacements(output);
  replacements.push([paths.workDir, "."], [`${paths.root}/`, ""], [paths.root, "."]);
  replacements.push([account, reference("AWS", "accountId")], [region, reference("AWS", "region")]);
  // `attributes` hold the very values to be replaced, and have served their purpose.
  const registrations = output.registrations.map((entry) => ({ ...entry, attributes: {} }));
  return replaceStrings({ ...output, registrations }, replacements) as ChildOutput;
}

/** How the plan writes a value that only a deployment knows. */
export function reference(owner: string, attribute: string): string {
  return `\${${owner}.${attribute}}`;
}

/** Longest first, because an ARN contains a name. */
function listReplacements(output: ChildOutput): [value: string, reference: string][] {
  const byName = new Map(output.registrations.map((entry) => [entry.name, entry]));
  const references = new Map<string, string>();
  for (const entry of output.registrations) {
    for (const { attribute, value } of Object.values(entry.attributes)) {
      references.set(value, reference(ownerName(entry, byName), attribute));
    }
    if (entry.type === "sst:sst:Secret") {
      references.set(secretValue(entry.name), reference(entry.name, "value"));
    }
  }
  return [...references].sort(([a], [b]) => b.length - a.length);
}

type Named = Pick<Registration, "type" | "name" | "parent">;

/** Under which name references speak of a resource. */
export function ownerName(entry: Named, byName: ReadonlyMap<string, Named>): string {
  const parent = entry.parent === null ? undefined : byName.get(entry.parent);
  if (parent === undefined || mainTypeByComponent[parent.type] !== entry.type) return entry.name;
  return ownerName(parent, byName);
}

function replaceStrings(value: unknown, replacements: [string, string][]): unknown {
  if (typeof value === "string") {
    return replacements.reduce((text, [from, to]) => text.replaceAll(from, () => to), value);
  }
  if (Array.isArray(value)) return value.map((item) => replaceStrings(item, replacements));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaceStrings(item, replacements)]),
  );
}
