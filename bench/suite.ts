/** The benchmarks by name, in the order in which all of them run, and what each hands back to be shown and kept. */
import { benchApi } from "./api/run.ts";
import { benchCost } from "./cost/run.ts";
import { benchCutThrough } from "./cut-through/run.ts";
import { benchPoller } from "./poller/run.ts";
import { benchRelay } from "./relay/run.ts";
import type { Benchmark, BenchOptions, Reported } from "./report.ts";
import { benchUpload } from "./upload/run.ts";

export const benchmarkByName: Record<string, Benchmark> = {
  relay: benchRelay,
  upload: benchUpload,
  api: benchApi,
  poller: benchPoller,
  cost: benchCost,
  "cut-through": benchCutThrough,
};

/** Each with its own defaults, a quarter of an hour in all. */
export async function* runAll(options: BenchOptions): AsyncGenerator<Reported[]> {
  for (const [name, run] of Object.entries(benchmarkByName)) {
    options.say(`bench ${name}`);
    yield await run(options);
    if (name !== "relay") continue;
    options.say("bench relay --latency");
    yield await run({ ...options, hasLatency: true });
    options.say("bench relay --tls");
    yield await run({ ...options, hasTls: true });
  }
}
