/**
 * Cold starts: the API's bundle as the local host builds and starts it, from the new process to the runtime asking for its
 * first event, in turn with the baselines, each time in a process of its own.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import {
  type Bundle,
  bundleBootstrap,
  bundleFunctions,
} from "../../packages/local/src/lambda/bundle.ts";
import { Environment } from "../../packages/local/src/lambda/process.ts";
import { startRuntimeApi } from "../../packages/local/src/lambda/runtime-api.ts";
import { type Figure, medianRow, type Reported, toResult } from "../report.ts";

const contenders = [
  {
    name: "nothing",
    handler: "bench/api/nothing.handler",
    about: "an empty handler: Node itself",
  },
  {
    name: "minimal",
    handler: "bench/api/minimal.handler",
    about: "Hono with one route and the same AWS clients",
  },
  {
    name: "ours",
    handler: "packages/functions/src/api.handler",
    about: "the API's bundle, links read and checked",
  },
];

const figures: Figure[] = [
  { key: "initMs", title: "init ms", digits: 0, ratio: { key: "init", title: "× init" } },
  { key: "bundleKb", title: "bundle kB", digits: 0, ratio: { key: "bundle", title: "× bundle" } },
];

export async function benchColdStart(options: {
  root: string;
  dir: string;
  /** What the API reads: links, endpoints, credentials. */
  variables: Record<string, string>;
  rounds: number;
  say(line: string): void;
}): Promise<Reported> {
  const { root, dir, rounds, say } = options;
  const functions = contenders.map(({ name, handler }) => ({ name, handler }));
  const bundles = await bundleFunctions({ functions, root, dir });
  const bootstrapPath = await bundleBootstrap(dir);
  const runs = new Map<string, Record<string, number>[]>(contenders.map(({ name }) => [name, []]));
  const api = await startRuntimeApi();
  try {
    // Round 0 fills the page cache and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, bundle] of bundles) {
        const initMs = await initOnce(api, { bundle, bootstrapPath, variables: options.variables });
        const bundleKb = statSync(join(bundle.taskRoot, "bundle.mjs")).size / 1000;
        if (round > 0) runs.get(name)?.push({ initMs, bundleKb });
      }
    }
  } finally {
    await api.close();
  }
  const rows = [...runs].map(([name, all]) => medianRow(name, all));
  say(`${rounds} cold starts of each of ${rows.length}`);
  const result = toResult({
    benchmark: "api cold start",
    setting: { rounds },
    figures,
    rows,
    baselines: rows.filter(({ name }) => name === "minimal"),
    legend: Object.fromEntries(contenders.map(({ name, about }) => [name, about])),
  });
  return { result, figures };
}

async function initOnce(
  api: Awaited<ReturnType<typeof startRuntimeApi>>,
  given: { bundle: Bundle; bootstrapPath: string; variables: Record<string, string> },
): Promise<number> {
  const { bundle, bootstrapPath, variables } = given;
  const lines: string[] = [];
  const startedMs = performance.now();
  const environment = new Environment(api, {
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:bench",
    timeoutSeconds: 30,
    memoryMb: 1024,
    bootstrapPath,
    taskRoot: bundle.taskRoot,
    variables: { ...variables, _HANDLER: bundle.handler, LAMBDA_TASK_ROOT: bundle.taskRoot },
    onLine: (line) => void lines.push(line),
  });
  const error = await environment.ready;
  const initMs = performance.now() - startedMs;
  environment.kill();
  await environment.exit;
  if (error !== null) throw new Error(`a cold start failed: ${error.errorMessage} ${lines.at(-1)}`);
  return initMs;
}
