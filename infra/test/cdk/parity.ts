/**
 * Compares a template with a plan, resource by resource and property by property, references included. What one of them
 * says alone is a difference, unless mapping.ts has a reason.
 */
import type { Plan, Resource } from "../../plan/plan.ts";
import { parseReference, reference } from "../../plan/references.ts";
import { type Leaves, leavesOf } from "./leaves.ts";
import { type Mapping, mappings, onlyInPlan, onlyInTemplate } from "./mapping.ts";
import { expectPage, expectStore, isProvided, readStore } from "./provided.ts";
import type { Resources, TemplateResource } from "./synthesize.ts";

/** What the template should have under an id. */
export interface Expected {
  type: string;
  leaves: Leaves;
  mappings: Mapping[];
}

/** What the plan makes us expect of a template. */
export interface Expectation {
  byId: Map<string, Expected>;
  problems: string[];
}

/** One line for each difference; empty when plan and template say the same. */
export function compare({ byId: expected, problems }: Expectation, actual: Resources): string[] {
  const ids = new Set([...expected.keys(), ...Object.keys(actual)]);
  return [
    ...problems,
    ...[...ids].flatMap((id) => compareResource(id, expected.get(id), actual[id])),
  ];
}

function compareResource(id: string, expected?: Expected, actual?: TemplateResource): string[] {
  if (actual === undefined) return [`${id} is only in the plan`];
  if (expected === undefined) {
    const known = Object.keys(onlyInTemplate).some((prefix) => id.startsWith(prefix));
    return known ? [] : [`${id} is only in the template`];
  }
  if (actual.Type !== expected.type) return [`${id} is ${actual.Type}, not ${expected.type}`];
  const found = readLeaves(actual);
  const ignored = expected.mappings.flatMap((mapping) => Object.keys(mapping.onlyInTemplate ?? {}));
  return [...new Set([...expected.leaves.keys(), ...found.keys()])]
    .filter((path) => !ignored.some((pattern) => fits(pattern, path)))
    .filter((path) => expected.leaves.get(path) !== found.get(path))
    .map((path) => `${id}.${path}: ${expected.leaves.get(path)} → ${found.get(path)}`);
}

const leavesByResource = new WeakMap<TemplateResource, Leaves>();

function readLeaves(resource: TemplateResource): Leaves {
  const known = leavesByResource.get(resource);
  if (known !== undefined) return known;
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = resource;
  const leaves = leavesOf({
    ...Properties,
    ...readStore(resource),
    ...readLists(resource),
    DeletionPolicy,
    UpdateReplacePolicy,
  });
  leavesByResource.set(resource, leaves);
  return leaves;
}

/** Lists of names and values, and JSON in text, as the plan has them. */
function readLists({ Type, Properties }: TemplateResource): Record<string, unknown> {
  if (Type === "AWS::CloudWatch::Dashboard") {
    return { DashboardBody: JSON.parse(String(Properties.DashboardBody)) };
  }
  if (Type !== "AWS::CloudWatch::Alarm") return {};
  const dimensions = Properties.Dimensions as { Name: string; Value: string }[];
  return { Dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])) };
}

export function expectFrom(plan: Plan): Expectation {
  const expected: Expectation["byId"] = new Map();
  const problems: string[] = [];
  const add = (id: string, type: string, leaves: Leaves, mapping: Mapping) => {
    const before: Expected = expected.get(id) ?? { type, leaves: new Map(), mappings: [] };
    before.mappings.push(mapping);
    for (const [path, leaf] of leaves) before.leaves.set(path, leaf);
    expected.set(id, before);
  };
  for (const resource of plan.resources) {
    const mapping = mappings[resource.type];
    if (mapping !== undefined) {
      const owner = ownerOf(plan, resource, mapping);
      if (owner === undefined) problems.push(`${resource.name} is part of nothing`);
      else add(idOf(owner), mapping.type, expectLeaves(plan, resource, mapping), mapping);
    } else if (!resource.type.startsWith("sst:") && !isLeftOut(resource) && !isProvided(resource)) {
      problems.push(`${resource.name}: nothing is known of ${resource.type}`);
    }
  }
  for (const { id, type, leaves, mapping } of [...expectStore(plan), ...expectPage(plan)]) {
    add(id, type, leaves, mapping);
  }
  return { byId: expected, problems };
}

export function isLeftOut({ type, name }: Resource): boolean {
  return Object.keys(onlyInPlan).some((end) => type === end || name.endsWith(`.${end}`));
}

export function idOf({ name }: Resource): string {
  return name.replaceAll(/\W/g, "");
}

/** The resource itself, or the one that it is a part of. */
function ownerOf(plan: Plan, resource: Resource, mapping: Mapping): Resource | undefined {
  if (mapping.partOf === undefined) return resource;
  const named = parseReference(resource.inputs[mapping.partOf])?.owner;
  return plan.resources.find(
    ({ type, parent }) => parent === named && type === "aws:s3/bucket:Bucket",
  );
}

function expectLeaves(plan: Plan, resource: Resource, mapping: Mapping): Leaves {
  const { partOf = "" } = mapping;
  const leaves: Leaves = new Map();
  for (const [path, leaf] of leavesOf(resource.inputs)) {
    if (path === partOf || Object.keys(mapping.onlyInPlan ?? {}).some((one) => fits(one, path))) {
      continue;
    }
    const name = rename(path, mapping);
    leaves.set(mapping.under === undefined ? name : `${mapping.under}.${name}`, leaf);
  }
  if (partOf !== "") return leaves;
  const policy = resource.retainOnDelete ? "Retain" : "Delete";
  leaves.set("DeletionPolicy", policy).set("UpdateReplacePolicy", policy);
  for (const [path, value] of implications(mapping, resource)) leaves.set(path, value);
  for (const [path, value] of links(plan, resource)) leaves.set(path, value);
  return leaves;
}

/** `KeySchema.1.KeyType` only where there is a `KeySchema.1`. */
function implications(mapping: Mapping, resource: Resource): Leaves {
  const paths = [...leavesOf(resource.inputs).keys()].map((path) => rename(path, mapping));
  return new Map(
    Object.entries(mapping.implied ?? {}).flatMap(([pattern, value]) => {
      const parent = pattern.slice(0, Math.max(0, pattern.lastIndexOf(".")));
      if (parent === "") return [[pattern, value] as const];
      const last = pattern.slice(parent.length);
      return paths
        .map((path) => path.slice(0, path.lastIndexOf(".")))
        .filter((path) => fits(parent, path))
        .map((path) => [`${path}${last}`, value] as const);
    }),
  );
}

/** The variables by which a function finds what it is linked to. */
function links({ system }: Plan, resource: Resource): Leaves {
  if (resource.type !== "aws:lambda/function:Function") return new Map();
  const spec = system.functions.find(({ name }) => name === resource.parent);
  const values = (spec?.links ?? []).map((name) => [name, system.links[name]] as const);
  const app = ["App", { name: system.app, stage: system.stage }] as const;
  return new Map(
    [app, ...values].map(([name, value]) => [
      `Environment.Variables.SST_RESOURCE_${name}`,
      JSON.stringify(value).replaceAll(/\{"ref":"(\w+)\.(\w+)"\}/g, (_, owner, attribute) =>
        JSON.stringify(reference(owner, attribute)),
      ),
    ]),
  );
}

function rename(path: string, { renames = [] }: Mapping): string {
  for (const [pattern, replacement] of renames) {
    const match = toRegExp(pattern).exec(path);
    if (match === null) continue;
    const parts = match.slice(1);
    return replacement.replaceAll(/\*+/g, () => parts.shift() ?? "");
  }
  return path
    .split(".")
    .map((name) => name.charAt(0).toUpperCase() + name.slice(1))
    .join(".");
}

export function fits(pattern: string, path: string): boolean {
  return toRegExp(pattern).test(path);
}

const compiled = new Map<string, RegExp>();

function toRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const source = pattern
    .replaceAll(".", "\\.")
    .replaceAll(/\*+/g, (stars) => (stars === "*" ? "([^.]*)" : "(.*)"));
  const expression = new RegExp(`^${source}$`);
  compiled.set(pattern, expression);
  return expression;
}
