/**
 * `node infra/cdk/main.ts --stage X` writes the system as one CloudFormation stack into infra/cdk/cdk.out, for
 * organisations that deploy nothing else. It reads the plan: the committed one for production, and a fresh evaluation
 * for any other stage, whose protections differ, or where infra/settings.ts's settings are given.
 *
 * Exits with 1 when something of the plan has no translation, or cdk-nag finds what nobody has answered.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { App } from "aws-cdk-lib";
import { evaluateStage, type Settings, settingNames } from "../plan/evaluate.ts";
import { type Plan, readPlan } from "../plan/plan.ts";
import { buildArtifacts } from "./artifacts.ts";
import { findFindings } from "./nag.ts";
import { defineStack } from "./stack.ts";

// Or the AWS SDK inside CDK asks the metadata address for credentials.
process.env.AWS_EC2_METADATA_DISABLED = "true";

const { values } = parseArgs({ options: { stage: { type: "string", default: "production" } } });
const print = (line: string) => process.stdout.write(`${line}\n`);
const outdir = fileURLToPath(new URL("./cdk.out", import.meta.url));

try {
  const plan = await loadPlan(values.stage, readSettings());
  rmSync(outdir, { recursive: true, force: true });
  const artifacts = await buildArtifacts(plan, join(outdir, "artifacts"));
  const app = new App({ outdir, analyticsReporting: false });
  const stack = defineStack(app, { plan, artifacts });
  const findings = findFindings(app);
  const { template, templateFile } = app.synth().getStackByName(stack.stackName);
  for (const { path, id, description } of findings) print(`${path}: ${id}: ${description}`);
  print(`Written: infra/cdk/cdk.out/${templateFile}`);
  const count = Object.keys(template.Resources).length;
  print(`${stack.stackName}: ${count} resources, ${findings.length} nag findings`);
  if (findings.length > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function readSettings(): Settings {
  const given = settingNames.flatMap((name) => {
    const value = process.env[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

async function loadPlan(stage: string, settings: Settings): Promise<Plan> {
  if (settings.DOMAIN !== undefined && settings.DOMAIN_CERT === undefined) {
    throw new Error(
      "With CloudFormation, DOMAIN needs DOMAIN_CERT: a certificate's ARN in us-east-1",
    );
  }
  const committed = readPlan();
  if (committed.system.stage === stage && Object.keys(settings).length === 0) return committed;
  return (await evaluateStage(stage, print, settings)).plan;
}
