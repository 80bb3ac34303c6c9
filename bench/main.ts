/**
 * `bench [NAME]`: measures parts of the system beside named baselines in the same run, prints medians and ratios, and
 * keeps them in results.json. What runs is in suite.ts; what the benchmarks share is in report.ts.
 */
import { inspect, parseArgs } from "node:util";
import { parseSize } from "../packages/local/src/demo/video.ts";
import { plot } from "./plot.ts";
import { type BenchOptions, type Reported, resultsPath, save, toTable } from "./report.ts";
import { benchmarkByName, runAll } from "./suite.ts";

const usage = `Usage: bench [relay | upload | api | poller | cost | cut-through | plot] [options]
Without a name all of them run, in about a quarter of an hour; \`plot\` only draws docs/bench.svg anew from the results.
  --size SIZE    relay, upload, cost, cut-through: bytes of the video (default: each one's own)
  --rounds N     runs of each contender, of which the median counts (all but cost)
  --latency      relay: 30 ms to storage's first byte, 80 ms to TikTok's answer, 100 MB/s
  --tls          relay: TLS to storage and to TikTok
  --chunk SIZE   relay: the largest chunk that TikTok takes (default: 63 MB, as large as it may be)
  --rate RATE    upload: the link's capacity, such as 100Mbit (default: 100Mbit, then 1Gbit)
                 cut-through: the creator's, a quarter of TikTok's (default: 200Mbit)
  --users N      api: users at once (default 200)
  --waiting N    poller: publications that wait for later (default 100000)
  --due N        poller: publications that are due in one tick (default 1000)
  --out FILE     where the results are kept (default bench/results.json)
  --json         each result as one object on a line of its own, at the end
relay and upload need curl, upload needs Chromium. Ratios count; the figures themselves are this machine's.
`;

const roundsMax = 100;
const countMax = 1_000_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  // Leaving by exit() lets whoever keeps something for the run clean up.
  process.once("SIGINT", () => process.exit(130));
  const given = readOptions();
  if (given === null) return print(usage);
  const { name, options, out, isJson } = given;
  const reported: Reported[] = [];
  const take = async (some: Reported[]) => {
    for (const { result, figures } of some) {
      print(`\n  ${result.benchmark}\n${toTable(result, figures)}\n`);
    }
    await save(
      out,
      some.map(({ result }) => result),
    );
    reported.push(...some);
  };
  if (name === "plot") return plot(out);
  if (name === null) {
    for await (const some of runAll(options)) await take(some);
    if (out === resultsPath) await plot(out);
  } else {
    const run = benchmarkByName[name];
    if (run === undefined) throw new TypeError(`there is no benchmark "${name}"`);
    await take(await run(options));
  }
  if (isJson) for (const { result } of reported) print(JSON.stringify(result));
}

/** Null when help is asked for. */
function readOptions() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    // Package managers pass a separating "--" through.
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      size: text,
      rounds: text,
      latency: flag,
      tls: flag,
      chunk: text,
      rate: text,
      users: text,
      waiting: text,
      due: text,
      out: { ...text, default: resultsPath },
      json: flag,
      help: flag,
    },
  });
  if (values.help) return null;
  const options: BenchOptions = {
    bytes: values.size === undefined ? null : parseSize(values.size),
    rounds: toCount("--rounds", values.rounds, roundsMax),
    hasLatency: values.latency,
    hasTls: values.tls,
    chunkBytes: values.chunk === undefined ? null : parseSize(values.chunk),
    bitsPerSecond: values.rate === undefined ? null : parseRate(values.rate),
    users: toCount("--users", values.users, countMax),
    waiting: toCount("--waiting", values.waiting, countMax),
    due: toCount("--due", values.due, countMax),
    say: (line) => print(`  ${line}`),
  };
  return { name: positionals[0] ?? null, options, out: values.out, isJson: values.json };
}

function toCount(option: string, text: string | undefined, max: number): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new TypeError(`${option} takes 1 to ${max}, not "${text}"`);
}

function parseRate(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([MG])bit$/i.exec(text) ?? [];
  if (number === undefined)
    throw new TypeError(`a rate looks like 100Mbit or 1Gbit, not "${text}"`);
  return Number(number) * (unit?.toUpperCase() === "G" ? 1e9 : 1e6);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    const isUsage = error instanceof TypeError && !("cause" in error);
    // With its causes.
    const text = isUsage ? error.message : inspect(error);
    process.stderr.write(`\n  ${text}\n\n${isUsage ? usage : ""}`);
    process.exit(1);
  },
);
