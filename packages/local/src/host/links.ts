/**
 * What SST's `Resource` answers on this machine: the plan's links, with local values in them.
 *
 * A value that only a deployment knows stands in the plan as a reference, `{"ref": "Table.name"}`,
 * and is filled in from what was provisioned. A reference that nobody can fill is an error at start,
 * not an odd string in a function.
 */
import type { System } from "@clipcast/infra/plan";

export type Links = Record<string, Record<string, unknown>>;

export function resolveLinks(
  system: System,
  options: {
    /** By reference: `Table.name`. */
    values: Record<string, string>;
    /** By link name; each replaces the plan's properties of the same name. */
    overrides: Links;
  },
): Links {
  const links: Links = {};
  for (const [name, link] of Object.entries(system.links)) {
    const resolved: Record<string, unknown> = {};
    for (const [key, planned] of Object.entries({ ...link, ...options.overrides[name] })) {
      resolved[key] = fill(planned, options.values, `${name}.${key}`);
    }
    links[name] = resolved;
  }
  links.App = { name: system.app, stage: "local" };
  return links;
}

/** The variables through which SST's SDK reads links; a function sees only its own. */
export function toVariables(links: Links, names: string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of ["App", ...names]) {
    if (links[name] === undefined) throw new Error(`The plan has no link named ${name}.`);
    variables[`SST_RESOURCE_${name}`] = JSON.stringify(links[name]);
  }
  return variables;
}

function fill(value: unknown, values: Record<string, string>, path: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => fill(item, values, path));
  if ("ref" in value && typeof value.ref === "string") {
    const found = values[value.ref];
    if (found === undefined) throw new Error(`Link ${path}: the local host has no ${value.ref}.`);
    return found;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fill(item, values, `${path}.${key}`)]),
  );
}
