/**
 * Evaluates the SST program for a stage, offline: the real components under Pulumi's mocks, in a child process with
 * an environment of its own, so that neither a developer's `.env` nor a credential can reach the plan.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChildInput, ChildOutput } from "./child.ts";
import { deriveSystem } from "./derive.ts";
import type { Link } from "./monitor.ts";
import { type Plan, planSchema } from "./plan.ts";
import { ensurePlatform } from "./platform.ts";
import { resolveReferences } from "./references.ts";
import { listResources } from "./resources.ts";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** An evaluation takes about 5 s; far beyond that, something waits for a network that is not there. */
const evaluationTimeoutMs = 120_000;

export interface Evaluation {
  plan: Plan;
  /** Everything that can be linked, for sst-env.d.ts. */
  links: Link[];
}

/** The optional settings that infra/settings.ts explains. */
export const settingNames = [
  "DOMAIN",
  "DOMAIN_CERT",
  "ALERT_EMAIL",
  "TERMS_URL",
  "PRIVACY_URL",
  "EXTRA_UPLOAD_ORIGINS",
] as const;

export type Settings = Partial<Record<(typeof settingNames)[number], string>>;

/**
 * Evaluates sst.config.ts for `stage`, with nothing set but `settings`. Throws with SST's own message when the program
 * or a handler is wrong.
 */
export async function evaluateStage(
  stage: string,
  progress: (line: string) => void = () => {},
  settings: Settings = {},
): Promise<Evaluation> {
  const platform = ensurePlatform(projectRoot, progress);
  const workDir = mkdtempSync(join(tmpdir(), "clipcast-plan-"));
  try {
    progress(`Evaluating sst.config.ts for stage ${stage} …`);
    const output = await runChild({ platform, stage, workDir }, settings);
    const resolved = resolveReferences(output, { root: projectRoot, workDir });
    const resources = listResources(resolved.registrations);
    const builds = Object.fromEntries(
      Object.entries(resolved.builds)
        // They finish in any order.
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, request]) => [name, request.build]),
    );
    const system = deriveSystem({ ...resolved, stage, resources });
    return { plan: planSchema.parse({ system, builds, resources }), links: resolved.links };
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

function runChild(input: ChildInput, settings: Settings): Promise<ChildOutput> {
  const entry = fileURLToPath(new URL("./child.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", entry, JSON.stringify(input)],
    {
      cwd: input.platform.root,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout: evaluationTimeoutMs,
      env: {
        PATH: process.env.PATH,
        HOME: input.workDir,
        AWS_EC2_METADATA_DISABLED: "true",
        ...settings,
      },
    },
  );
  return new Promise((resolve, reject) => {
    let errors = "";
    let output: ChildOutput | undefined;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("message", (message) => {
      output = message as ChildOutput;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 && output !== undefined) resolve(output);
      else reject(new Error(errors.trim() || `The evaluation ended with code ${code}`));
    });
  });
}
