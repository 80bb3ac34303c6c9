/** `e2e`: the tests in a real browser alone. Finds or installs the browser first, so that no test waits for it. */
import { spawnSync } from "node:child_process";
import { findChromium } from "./chromium.ts";

try {
  const executable = findChromium();
  const { status } = spawnSync(
    "node_modules/.bin/vitest",
    ["run", "packages/local/test/e2e", ...process.argv.slice(2)],
    { stdio: "inherit", env: { ...process.env, CHROMIUM_PATH: executable } },
  );
  process.exitCode = status ?? 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
