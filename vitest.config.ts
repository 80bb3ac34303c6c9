import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts", "infra/test/**/*.test.ts"],
    passWithNoTests: false,
    // These end what hangs. They are far above what a slow machine needs, so that none of them decides a test.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 45_000 } },
    sequence: { sequencer: LongestFirst },
    // Vitest leaves one core to itself; the slow suites here mostly wait for real leases and browsers.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
