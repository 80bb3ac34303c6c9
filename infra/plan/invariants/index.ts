/**
 * What must hold of any plan, whatever its values: rules of AWS that neither types nor SST check, and rules of ours
 * that keep a video from being lost, posted twice or exposed. One file per subject.
 */
import type { Plan } from "../plan.ts";
import { accessRules } from "./access.ts";
import { type CodeLimits, codeLimits } from "./code-limits.ts";
import { dataRules } from "./data.ts";
import { deliveryRules } from "./delivery.ts";
import type { Rules } from "./rule.ts";
import { watchRules } from "./watch.ts";

export const rules: Rules = { ...deliveryRules, ...dataRules, ...accessRules, ...watchRules };

/** One sentence per violation, each with the rule it breaks; empty when the plan is sound. */
export function findViolations(plan: Plan, code: CodeLimits = codeLimits): string[] {
  return Object.entries(rules).flatMap(([rule, check]) =>
    check(plan, code).map((detail) => `${detail} (${rule})`),
  );
}
