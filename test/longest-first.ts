/**
 * The order in which suites start: the longest first. A suite that starts last costs the whole run all of its length, while
 * every other worker stands idle, and Vitest on a machine without its cache goes by the size of files, which says nothing
 * of a small file that waits for real leases.
 *
 * An order decides nothing but time, so a list that has aged is slower and never wrong.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Suites of more than ten seconds on two cores, the longest first. */
export const longest = [
  "packages/local/test/chaos/chaos.test.ts",
  "packages/local/test/load/load.test.ts",
  "packages/local/test/e2e/checklist.test.ts",
  "packages/local/test/main-job/main-job.test.ts",
  "packages/local/test/e2e/resume.test.ts",
  "packages/local/test/e2e/sign-out.test.ts",
  "packages/local/test/e2e/a11y.test.ts",
  "packages/local/test/e2e/several.test.ts",
  "packages/local/test/e2e/refusals.test.ts",
  "packages/local/test/e2e/cards-a11y.test.ts",
  "packages/local/test/e2e/checklist-disclosure.test.ts",
  "infra/test/stages.test.ts",
  "packages/local/test/e2e/choosing.test.ts",
  "packages/local/test/e2e/cuts.test.ts",
  "packages/local/test/main-job/demo.test.ts",
  "packages/local/test/e2e/accounts.test.ts",
  "packages/local/test/e2e/deep-link.test.ts",
  "packages/local/test/e2e/phone.test.ts",
  "packages/core/test/sim/fleet.test.ts",
  "packages/local/test/e2e/publish.test.ts",
  "packages/local/test/ops/ops.test.ts",
  "test/bench-poller.test.ts",
  "packages/local/test/permissions/permissions.test.ts",
  "packages/local/test/e2e/session.test.ts",
  "packages/core/test/sim/faults.test.ts",
  "packages/local/test/e2e/policy.test.ts",
  "packages/local/test/e2e/tabs.test.ts",
  "packages/local/test/e2e/keyboard.test.ts",
  "test/bench-upload.test.ts",
  "packages/functions/test/cold-start.test.ts",
  "packages/core/test/sim/sim.test.ts",
  "test/bench.test.ts",
  "packages/local/test/host/host.test.ts",
  "packages/local/test/host/start.test.ts",
];

/** What is not in the list stays behind it, in the order that it has. */
export function longestFirst<T>(suites: readonly T[], pathOf: (suite: T) => string): T[] {
  const turnOf = (suite: T) => {
    const turn = longest.findIndex((file) => pathOf(suite).endsWith(`/${file}`));
    return turn === -1 ? longest.length : turn;
  };
  return suites.toSorted((one, other) => turnOf(one) - turnOf(other));
}

export class LongestFirst extends BaseSequencer {
  override async sort(suites: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(suites), ({ moduleId }) => moduleId);
  }
}
