/**
 * All functions of the plan, by name: built at the start, run when somebody first calls them.
 *
 * Composes bundles, the Runtime API and one pool per function, and gives every process what Lambda
 * gives it. What a function additionally reads (endpoints, linked resources) is its caller's choice.
 */
import { join } from "node:path";
import type { FunctionSpec } from "@clipcast/infra/plan";
import { type Bundle, bundleBootstrap, bundleFunctions } from "./bundle.ts";
import { Pool, type PoolStats } from "./pool.ts";
import { Environment, type Result } from "./process.ts";
import { startRuntimeApi } from "./runtime-api.ts";
import type { SetTimer } from "./timer.ts";

/** The account that every local ARN names. */
export const accountId = "000000000000";

export type FunctionsOptions = {
  functions: FunctionSpec[];
  /** What handlers' paths are relative to. */
  root: string;
  /** Where bundles are kept between runs. */
  bundlesDir: string;
  region: string;
  /** What a function reads beyond what Lambda itself sets: endpoints, credentials, links. */
  variablesFor(spec: FunctionSpec): Record<string, string>;
  onLine(functionName: string, line: string): void;
  onBuilt?(functionName: string, isRebuilt: boolean): void;
  setTimer?: SetTimer;
};

export type Functions = {
  /** Rejects with InvokeRefusedError when the function never saw the event. */
  invoke(functionName: string, payload: Buffer): Promise<Result>;
  /** Ends the function's processes by SIGKILL; answers how many there were. */
  kill(functionName: string): number;
  stats(functionName: string): PoolStats;
  close(): Promise<void>;
};

export async function startFunctions(options: FunctionsOptions): Promise<Functions> {
  const bootstrapPath = await bundleBootstrap(options.bundlesDir);
  const bundleByName = await bundleFunctions({
    functions: options.functions,
    root: options.root,
    dir: options.bundlesDir,
  });
  const api = await startRuntimeApi();
  const poolByName = new Map<string, Pool>();
  for (const spec of options.functions) {
    const bundle = bundleByName.get(spec.name);
    if (bundle === undefined) throw new Error(`${spec.name} was not built`);
    options.onBuilt?.(spec.name, bundle.isRebuilt);
    const onLine = (line: string) => options.onLine(spec.name, line);
    const pool = new Pool({
      reservedConcurrency: spec.reservedConcurrency,
      onReport: onLine,
      ...(options.setTimer === undefined ? {} : { setTimer: options.setTimer }),
      start: () =>
        new Environment(api, {
          functionArn: functionArn(options.region, spec.name),
          timeoutSeconds: spec.timeoutSeconds,
          memoryMb: spec.memoryMb,
          bootstrapPath,
          taskRoot: bundle.taskRoot,
          variables: {
            ...lambdaVariables(spec, bundle, options.region),
            ...spec.environment,
            ...options.variablesFor(spec),
          },
          onLine,
        }),
    });
    poolByName.set(spec.name, pool);
  }

  const poolOf = (name: string): Pool => {
    const pool = poolByName.get(name);
    if (pool === undefined) throw new Error(`The plan has no function named ${name}`);
    return pool;
  };
  return {
    invoke: async (name, payload) => poolOf(name).invoke(payload),
    kill: (name) => poolOf(name).kill(),
    stats: (name) => poolOf(name).stats(),
    async close() {
      await Promise.all([...poolByName.values()].map((pool) => pool.close()));
      await api.close();
    },
  };
}

export function functionArn(region: string, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime.
 * Nothing of the host's own environment but PATH reaches a function; the AWS SDK's files in the
 * user's home are hidden too, as no Lambda has them.
 */
function lambdaVariables(
  spec: FunctionSpec,
  bundle: Bundle,
  region: string,
): Record<string, string> {
  const missing = join(bundle.taskRoot, "no-such-file");
  return {
    PATH: process.env.PATH ?? "",
    TZ: ":UTC",
    LANG: "en_US.UTF-8",
    _HANDLER: bundle.handler,
    LAMBDA_TASK_ROOT: bundle.taskRoot,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: missing,
    AWS_SHARED_CREDENTIALS_FILE: missing,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
  };
}
