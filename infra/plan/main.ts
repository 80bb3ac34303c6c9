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
import { findViolations } from "./invariants/index.ts";
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
    { path: fileURLToPath(planFile), text: renderPlan(plan), explain: explainPlan },
    { path: join(projectRoot, "sst-env.d.ts"), text: renderTypes(links) },
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
  /** Says what is different. The types follow from the links, which the plan explains. */
  explain?: (before: string, after: string) => string[];
}

function reportDrift({ path, text, explain }: File): boolean {
  const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (before === text) return false;
  print(`${relative(projectRoot, path)} ${before === undefined ? "is missing" : "has drifted"}`);
  for (const change of (before && explain?.(before, text)) || []) print(`  ${change}`);
  return true;
}

function explainPlan(before: string, after: string): string[] {
  return diffValues(JSON.parse(before), JSON.parse(after));
}
