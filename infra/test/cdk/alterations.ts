/** What could be changed in a plan or a template alone: each property of each type, once. */
import type { Plan } from "../../plan/plan.ts";
import { alterLeaf, listPaths } from "./leaves.ts";
import { mappings, onlyInTemplate } from "./mapping.ts";
import { fits } from "./parity.ts";
import type { Resources } from "./synthesize.ts";

export interface Alteration {
  /** Whose property. */
  name: string;
  type: string;
  path: string;
}

/** Of the plan's inputs, save those with a reason to be the plan's alone. */
export function listPlanAlterations(plan: Plan): Alteration[] {
  return listAlterations(
    plan.resources
      .filter(({ type }) => type in mappings)
      .map(({ type, name, inputs }) => ({ type, name, value: inputs })),
  ).filter(
    ({ type, path }) =>
      !Object.keys(mappings[type]?.onlyInPlan ?? {}).some((pattern) => fits(pattern, path)),
  );
}

export function alterPlan(plan: Plan, { name, type, path }: Alteration): Plan {
  const resources = plan.resources.map((resource) => {
    if (resource.name !== name || resource.type !== type) return resource;
    const changed = structuredClone(resource);
    alterLeaf(changed.inputs, path);
    return changed;
  });
  return { ...plan, resources };
}

/** Of the template's properties, save those with a reason to be the template's alone. */
export function listTemplateAlterations(resources: Resources): Alteration[] {
  const reasons = Object.values(mappings).flatMap(({ type, onlyInTemplate: patterns = {} }) =>
    Object.keys(patterns).map((pattern) => ({ type, pattern })),
  );
  return listAlterations(
    Object.entries(resources)
      .filter(([id]) => !Object.keys(onlyInTemplate).some((prefix) => id.startsWith(prefix)))
      .filter(([, { Type }]) => !Type.startsWith("Custom::"))
      .map(([name, { Type, Properties }]) => ({ type: Type, name, value: Properties })),
  ).filter(
    ({ type, path }) => !reasons.some((one) => one.type === type && fits(one.pattern, path)),
  );
}

export function alterTemplate(resources: Resources, { name, path }: Alteration): Resources {
  const changed = structuredClone(resources[name]);
  alterLeaf(changed?.Properties, path);
  return { ...resources, ...(changed && { [name]: changed }) };
}

function listAlterations(all: { type: string; name: string; value: unknown }[]): Alteration[] {
  const byKind = new Map<string, Alteration>();
  for (const { type, name, value } of all) {
    for (const path of listPaths(value)) {
      // `Statement.0.Action.1` and `Statement.2.Action.0` are the same thing to say.
      const kind = `${type} ${path.replaceAll(/\.\d+/g, ".*")}`;
      if (!byKind.has(kind)) byKind.set(kind, { name, type, path });
    }
  }
  return [...byKind.values()];
}
