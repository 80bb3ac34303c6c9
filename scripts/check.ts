/**
 * `check`: format, lint, types, structure and plan. Each step prints one line; a failing one prints what it said, and the
 * others still run, so that one call shows everything that is wrong.
 */
import { spawnSync } from "node:child_process";

const bin = (name: string) => `node_modules/.bin/${name}`;

const steps: [string, string, string[]][] = [
  ["format and lint", bin("biome"), ["ci", "--colors=off", "--error-on-warnings", "."]],
  // The plan comes before infra's types: it installs the SST platform that they are checked against.
  ["plan", process.execPath, ["infra/plan/main.ts", "--check"]],
  ["types of infra", bin("tsc"), ["-p", "infra/tsconfig.sst.json"]],
  ["types of infra's tools", bin("tsc"), ["-p", "infra/tsconfig.json"]],
  ["types of scripts", bin("tsc"), ["-p", "tsconfig.json"]],
  ...["core", "functions", "client", "web", "sandbox", "ops", "local"].map(
    (name): [string, string, string[]] => [
      `types of ${name}`,
      bin("tsc"),
      ["-p", `packages/${name}/tsconfig.json`],
    ],
  ),
  ["structure", bin("vitest"), ["run", "test/tidy.test.ts"]],
];

let failures = 0;
for (const [name, command, args] of steps) {
  const startedMs = performance.now();
  const result = spawnSync(command, args, {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const isGood = result.status === 0;
  console.log(`${isGood ? "ok  " : "FAIL"}  ${name} (${seconds} s)`);
  if (!isGood) console.log(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}`);
  if (!isGood) failures += 1;
}
console.log(`${steps.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
