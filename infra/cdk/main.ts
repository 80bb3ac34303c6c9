/**
 * `node infra/cdk/main.ts --stage X` writes the system as one CloudFormation stack into infra/cdk/cdk.out, for
 * organisations that deploy nothing else. It reads the plan: the committed one for production, and a fresh evaluation
 * for any other stage, whose protections differ.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { App } from "aws-cdk-lib";
import { bundleFunction } from "../plan/bundle.ts";
import { evaluateStage, projectRoot } from "../plan/evaluate.ts";
import { type Plan, readPlan } from "../plan/plan.ts";
import type { Bundles } from "./compute.ts";
import { defineStack } from "./stack.ts";

// Or the AWS SDK inside CDK asks the metadata address for credentials.
process.env.AWS_EC2_METADATA_DISABLED = "true";

const { values } = parseArgs({ options: { stage: { type: "string", default: "production" } } });
const print = (line: string) => process.stdout.write(`${line}\n`);
const outdir = fileURLToPath(new URL("./cdk.out", import.meta.url));

try {
  const plan = await loadPlan(values.stage);
  rmSync(outdir, { recursive: true, force: true });
  // Inside the project: source maps name files relative to the bundle, and the assets' hashes with them.
  const bundles = await bundleAll(plan, join(outdir, "bundles"));
  const app = new App({ outdir, analyticsReporting: false });
  const stack = defineStack(app, { plan, bundles });
  const template = app.synth().getStackByName(stack.stackName);
  const resources = Object.keys(template.template.Resources);
  print(`${stack.stackName}: ${resources.length} resources`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function loadPlan(stage: string): Promise<Plan> {
  const committed = readPlan();
  return committed.system.stage === stage ? committed : (await evaluateStage(stage, print)).plan;
}

async function bundleAll(plan: Plan, folder: string): Promise<Bundles> {
  const bundles: Bundles = {};
  for (const [name, build] of Object.entries(plan.builds)) {
    const directory = join(folder, name);
    const { handler } = await bundleFunction({ root: projectRoot, outDir: directory, build });
    bundles[name] = { directory, handler };
  }
  return bundles;
}
