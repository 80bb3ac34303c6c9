import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts", "infra/test/**/*.test.ts"],
    passWithNoTests: false,
    // Vitest leaves one core to itself; the slow suites here mostly wait for real leases and browsers.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
