/**
 * `bench NAME`: measures one part of the system beside named baselines in the same run, prints medians and ratios, and
 * keeps them in results.json. Each benchmark is one entry of `benchmarks`; what they share is in report.ts.
 */
import { parseArgs } from "node:util";
import { parseSize } from "../packages/local/src/demo/video.ts";
import { benchRelay } from "./relay/run.ts";
import { type BenchmarkResult, type BenchOptions, resultsPath, save, toTable } from "./report.ts";

const usage = `Usage: bench [relay] [options]
  --size SIZE    bytes to move in each run (default 512MiB)
  --rounds N     runs of each contender, of which the median counts (default 3)
  --latency      30 ms to storage's first byte, 80 ms to TikTok's answer, 100 MB/s
  --out FILE     where the results are kept (default bench/results.json)
  --json         the result as one object on the last line
Needs bash and curl. Ratios count; the figures themselves are this machine's.
`;

const roundsMax = 100;
const benchmarks: Record<string, (options: BenchOptions) => Promise<BenchmarkResult>> = {
  relay: benchRelay,
};

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  // Leaving by exit() lets whoever keeps something for the run clean up.
  process.once("SIGINT", () => process.exit(130));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    // Package managers pass a separating "--" through.
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      size: { type: "string", default: "512MiB" },
      rounds: { type: "string", default: "3" },
      latency: { type: "boolean", default: false },
      out: { type: "string", default: resultsPath },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(usage);
  const name = positionals[0] ?? "relay";
  const run = benchmarks[name];
  if (run === undefined) throw new TypeError(`there is no benchmark "${name}"`);
  const result = await run({
    bytes: parseSize(values.size),
    rounds: parseRounds(values.rounds),
    hasLatency: values.latency,
    say: (line) => print(`  ${line}`),
  });
  print(`\n${toTable(result)}\n`);
  await save(values.out, result);
  if (values.json) print(JSON.stringify(result));
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= roundsMax) return rounds;
  throw new TypeError(`--rounds takes 1 to ${roundsMax}, not "${text}"`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof TypeError && !("cause" in error);
  const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
  process.stderr.write(`\n  ${text}\n\n${isUsage ? usage : ""}`);
  process.exitCode = 1;
});
