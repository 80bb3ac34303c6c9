/**
 * Which system a command works on, and how its links come into the environment.
 *
 * ```
 * --stage X ── not in its shell yet ─▶ `sst shell --stage X -- node …` runs this program once more ─▶ its exit code
 *      └────── in its shell ─────────▶ here
 * (none) ───── links in the environment (an `sst shell` of one's own) ─▶ here
 *      └────── the note of a running local host ─▶ into the environment, and here
 * ```
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UnreachableError, UsageError } from "./errors.ts";
import { findHost } from "./running.ts";

export type Reached = { type: "here" } | { type: "elsewhere"; exitCode: number };

type Environment = Record<string, string | undefined>;

const projectRoot = fileURLToPath(new URL("../../../", import.meta.url));
/** Below the project's root, and without a space: `sst shell` splits what it runs at white space. */
const program = "packages/ops/src/main.ts";
const argumentsVariable = "CLIPCAST_OPS_ARGUMENTS";
/** A shell of one's own may hold these for another system; the SDK would send them along. */
const foreignVariables = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"];

/** The arguments, when this process was started by itself through `sst shell`. */
export function innerArguments(environment: Environment): string[] | null {
  const text = environment[argumentsVariable];
  return text === undefined ? null : JSON.parse(text);
}

export async function reachSystem(
  input: { stage: string | null; dir: string | null; args: string[] },
  environment: Environment = process.env,
  sst: string = join(projectRoot, "node_modules", ".bin", "sst"),
): Promise<Reached> {
  if (input.stage !== null) {
    if (environment[argumentsVariable] !== undefined) return here(environment);
    return runInShell({ ...input, stage: input.stage }, environment, sst);
  }
  // One who names a folder means the local run, whatever else the shell holds.
  if (input.dir === null && hasLinks(environment)) return { type: "here" };
  const dir = input.dir ?? join(projectRoot, ".local");
  const variables = findHost(dir);
  if (variables === null) {
    throw new UnreachableError(
      "The local system is not running. Start it with `npx pnpm@12 start`, or name a stage with --stage.",
    );
  }
  for (const name of foreignVariables) delete environment[name];
  Object.assign(environment, variables);
  return { type: "here" };
}

function here(environment: Environment): Reached {
  if (hasLinks(environment)) return { type: "here" };
  throw new UnreachableError("`sst shell` gave no links. Is the stage deployed?");
}

function hasLinks(environment: Environment): boolean {
  return environment.SST_RESOURCE_App !== undefined || environment.SST_RESOURCES_JSON !== undefined;
}

async function runInShell(
  input: { stage: string; args: string[] },
  environment: Environment,
  sst: string,
): Promise<Reached> {
  if (!/^[\w-]+$/.test(input.stage)) throw new UsageError(`"${input.stage}" is no stage's name.`);
  const child = spawn(sst, ["shell", "--stage", input.stage, "--", "node", program], {
    cwd: projectRoot,
    stdio: "inherit",
    env: { ...environment, [argumentsVariable]: JSON.stringify(input.args) },
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { type: "elsewhere", exitCode: exitCode ?? 1 };
}
