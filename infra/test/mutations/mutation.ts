/** One way to break a plan, and what finds its way around one. */
import type { CodeLimits } from "../../plan/invariants/code-limits.ts";
import { type Plan, readPlan } from "../../plan/plan.ts";

export interface Mutation {
  /** What the rule says about it, word for word, up to the rule's own name. */
  caught: string;
  change?: (plan: Plan) => void;
  /** What the code promises instead of what it does. */
  code?: Partial<CodeLimits>;
}

/** The committed plan with one thing changed. */
export function planWith(change: (plan: Plan) => void = () => {}): Plan {
  const plan = readPlan();
  change(plan);
  return plan;
}

export function named<T extends { name: string }>(items: T[], name: string): T {
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) throw new Error(`no ${name}`);
  return item;
}

export function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("empty");
  return item;
}

/** Takes resources out of the plan, and fails when there are none. */
export function drop({ resources }: Plan, ...names: string[]): void {
  for (const name of names) resources.splice(resources.indexOf(named(resources, name)), 1);
}
