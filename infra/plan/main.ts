/**
 * `node infra/plan/main.ts` evaluates sst.config.ts and writes infra/plan/plan.json and sst-env.d.ts.
 * With `--check` it writes nothing and exits 1 when a file has drifted. The committed plan is production's: the stage
 * with every protection on.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { diffValues } from "./diff.ts";
import { evaluateStage, projectRoot } from "./evaluate.ts";
import { findViolations } from "./invariants.ts";
import { planFile } from "./plan.ts";
import { renderPlan, renderTypes } from "./render.ts";

export const committedStage = "production";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  const { plan, links } = await evaluateStage(committedStage, print);
  const violations = findViolations(plan);
  if (violations.length > 0)
    throw new Error(`The plan is not sound:\n  ${violations.join("\n  ")}`);
  const files = [
    { path: fileURLToPath(planFile), text: renderPlan(plan), parse: JSON.parse },
    { path: join(projectRoot, "sst-env.d.ts"), text: renderTypes(links), parse: listLines },
  ];
  const drifted = files.filter((file) => values.check && reportDrift(file));
  if (!values.check) for (const { path, text } of files) writeFileSync(path, text);
  if (drifted.length > 0) {
    print("Run `node infra/plan/main.ts` and commit what it writes.");
    process.exitCode = 1;
  } else {
    const { system, resources } = plan;
    const state = values.check ? "is up to date" : "written";
    print(
      `plan.json ${state}: ${resources.length} resources, ${system.functions.length} functions.`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

interface File {
  path: string;
  text: string;
  /** Turns a text into what a reader wants to see compared. */
  parse: (text: string) => unknown;
}

function reportDrift({ path, text, parse }: File): boolean {
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (before === text) return false;
  print(`${relative(projectRoot, path)} ${before === undefined ? "is missing." : "has drifted:"}`);
  if (before !== undefined) {
    for (const change of diffValues(parse(before), parse(text))) print(`  ${change}`);
  }
  return true;
}

function listLines(text: string): string[] {
  return text.split("\n");
}
