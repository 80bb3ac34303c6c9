import { describe, expect, it } from "vitest";
import { codeLimits } from "../plan/invariants/code-limits.ts";
import { findViolations, rules } from "../plan/invariants/index.ts";
import { accessMutations } from "./mutations/access.ts";
import { dataMutations } from "./mutations/data.ts";
import { deliveryMutations } from "./mutations/delivery.ts";
import { type Mutation, planWith } from "./mutations/mutation.ts";
import { watchMutations } from "./mutations/watch.ts";

const mutations = [...deliveryMutations, ...dataMutations, ...accessMutations, ...watchMutations];

function violationsOf({ change, code }: Mutation): string[] {
  return findViolations(planWith(change), { ...codeLimits, ...code });
}

describe("the invariants of the plan", () => {
  it("hold for the committed plan", () => {
    expect(findViolations(planWith())).toEqual([]);
  });

  it.each(mutations)("catch that $caught", (mutation) => {
    const violations = violationsOf(mutation).map((violation) => violation.split(" (")[0]);
    expect(violations).toContain(mutation.caught);
  });

  it("are each broken by a mutation", () => {
    const violations = mutations.flatMap(violationsOf);
    const untested = Object.keys(rules).filter(
      (rule) => !violations.some((violation) => violation.endsWith(`(${rule})`)),
    );
    expect(untested).toEqual([]);
  });
});
