/** What a rule is, and how rules find their way around a plan. */
import { z } from "zod";
import type { Plan, Resource } from "../plan.ts";
import type { System } from "../system.ts";
import type { CodeLimits } from "./code-limits.ts";

/** Lists what breaks it; an empty list is good. */
export type Rule = (plan: Plan, code: CodeLimits) => string[];

/** By the sentence that holds. */
export type Rules = Record<string, Rule>;

export function findQueue(system: System, name: string) {
  const queue = system.queues.find((candidate) => candidate.name === name);
  if (queue === undefined) throw new Error(`The plan has no queue ${name}`);
  return queue;
}

export function findFunction(system: System, name: string) {
  const spec = system.functions.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`The plan has no function ${name}`);
  return spec;
}

export function ofType({ resources }: Plan, type: string): Resource[] {
  return resources.filter((resource) => resource.type === type);
}

/** The name that readers of infra/*.ts know. */
export function ownerOf(resource: Resource): string {
  return resource.parent ?? resource.name;
}

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

const statementSchema = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: list,
  Resource: list.default([]),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

export type Statement = z.infer<typeof statementSchema>;

const policySchema = z.object({ Statement: z.array(statementSchema) });

const policiesSchema = z.object({
  policy: policySchema.optional(),
  assumeRolePolicy: policySchema.optional(),
  inlinePolicies: z.array(z.object({ policy: policySchema })).default([]),
});

/** Every statement of the policies that a resource carries, its own and its role's alike. */
export function statementsOf(resource: Resource): Statement[] {
  const { policy, assumeRolePolicy, inlinePolicies } = policiesSchema.parse(resource.inputs);
  const policies = [policy, assumeRolePolicy, ...inlinePolicies.map((item) => item.policy)];
  return policies.flatMap((item) => item?.Statement ?? []);
}
