/**
 * The raw resources of the plan: what SST registered, sorted, without bookkeeping and without what changes when code
 * or pages change. The plan describes the infrastructure; a new bundle must not make it drift.
 */
import { z } from "zod";
import type { Registration } from "./monitor.ts";
import type { Resource } from "./plan.ts";
import { parseReference } from "./references.ts";

/** Registered for SST's own use; no cloud resource stands behind them. */
const bookkeeping = /^(pulumi:pulumi:Stack|pulumi:providers:.*|sst:sst:(LinkRef|Version))$/;

/** Inputs that carry code, built files or the time of the run. */
const volatileInputs = ["__provider", "triggers", "source", "files", "version"];

/** Inputs that hold JSON as text. */
const jsonInputs = ["policy", "assumeRolePolicy", "redrivePolicy", "dashboardBody"];

/** Sorted by name, then type: the order of registration depends on timing. */
export function listResources(registrations: Registration[]): Resource[] {
  return registrations
    .filter((entry) => !bookkeeping.test(entry.type))
    .map(toResource)
    .sort((a, b) => compare(a.name, b.name) || compare(a.type, b.type));
}

function toResource(entry: Registration): Resource {
  const { type, name, parent, protect, retainOnDelete } = entry;
  const inputs = z.record(z.string(), z.json()).parse(clean(dropOwnName(entry)));
  return { type, name, parent, inputs: dropSiteFiles(inputs), protect, retainOnDelete };
}

/** A physical name is made up per deployment; in the plan it would read `"name": "${Table.name}"` on Table itself. */
function dropOwnName({ type, inputs }: Registration): Record<string, unknown> {
  const key = type === "aws:s3/bucket:Bucket" ? "bucket" : "name";
  const { [key]: name, ...rest } = inputs;
  return parseReference(name)?.attribute === "name" ? rest : inputs;
}

function clean(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => clean(item));
  if (typeof value === "string") return cleanText(value, key);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => item !== undefined && !volatileInputs.includes(name))
      .sort(([a], [b]) => compare(a, b))
      .map(([name, item]) => [name, clean(item, name)]),
  );
}

function cleanText(text: string, key: string): unknown {
  if (jsonInputs.includes(key)) return clean(JSON.parse(text));
  return text.replace(/-code-[0-9a-f]{64}\.zip/, "-code.zip");
}

/** The edge's list of files is the page's build output; its `metadata` is configuration. */
function dropSiteFiles(inputs: Resource["inputs"]): Resource["inputs"] {
  const entries = z.object({ metadata: z.string() }).safeParse(inputs.entries);
  if (!entries.success) return inputs;
  const metadata = z
    .looseObject({ s3: z.looseObject({}).optional() })
    .parse(JSON.parse(entries.data.metadata));
  if (metadata.s3) delete metadata.s3.routes;
  return { ...inputs, entries: { metadata: z.json().parse(metadata) } };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
