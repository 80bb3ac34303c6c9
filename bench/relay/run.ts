/**
 * `bench relay`: one video from storage to TikTok, by each contender in turn, round after round. The host with its storage,
 * the sink and each contender are processes of their own; every run's bytes are counted and looked at by the sink.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { planChunks } from "@clipcast/core/publishing";
import { build } from "esbuild";
import { startChild } from "../child.ts";
import {
  type BenchOptions,
  figureOf,
  medianRow,
  type Reported,
  type Row,
  type Run,
  streamFigures,
  streamFiguresOf,
  toResult,
} from "../report.ts";
import {
  arrivedSchema,
  type Figures,
  figuresSchema,
  hostAddressSchema,
  type Job,
  sinkAddressSchema,
} from "./protocol.ts";
import { createCertificate, trusting } from "./tls.ts";

/** With `--latency`: what storage and TikTok are like from a function, and a link of 800 Mbit/s. */
const latency = { firstByteMs: 30, answerMs: 80, bytesPerSecond: 100_000_000 };
const noLatency = { firstByteMs: 0, answerMs: 0, bytesPerSecond: null };

const baseline = "curl | curl";
const contenders = [
  {
    id: "curl",
    name: baseline,
    about: "a curl reads each range and another sends it; CPU and memory of both together",
  },
  {
    id: "buffered",
    name: "SDK, buffered",
    about: "the naive way: the AWS SDK reads a whole chunk into memory, fetch sends it",
  },
  {
    id: "fetch-10",
    name: "fetch, 10 MiB",
    about: "a popular open-source scheduler's way: HEAD, ranged GET and streamed PUT per 10 MiB",
  },
  {
    id: "ours",
    name: "ours",
    about: "the Relay function in the embedded host, from its queue's message to delivery",
  },
];

const usual = { bytes: 2 ** 30, rounds: 3 };
/** A run takes several times as long. */
const usualWithLatency = { bytes: 2 ** 30, rounds: 2 };

export async function benchRelay(options: BenchOptions): Promise<Reported[]> {
  const defaults = options.hasLatency ? usualWithLatency : usual;
  const { say } = options;
  const bytes = options.bytes ?? defaults.bytes;
  const rounds = options.rounds ?? defaults.rounds;
  const limits = options.hasLatency ? latency : noLatency;
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const contenderPath = await bundle(dir);

  say(`storing ${Math.round(bytes / 1e6)} MB`);
  const { firstByteMs, answerMs, bytesPerSecond } = limits;
  const certificate = options.hasTls ? await createCertificate(dir) : null;
  const variables = certificate === null ? {} : trusting(certificate);
  const plan = planChunks(bytes, options.chunkBytes ?? undefined);
  const sink = await startChild({
    path: pathOf("./sink.ts"),
    input: { answerMs, bytesPerSecond, chunkBytesMax: plan.chunkBytes, certificate },
    answer: sinkAddressSchema,
  });
  const host = await startChild({
    path: pathOf("./host.ts"),
    input: { dir: join(dir, "host"), bytes, firstByteMs, certificate, tiktokUrl: sink.answer.url },
    answer: hostAddressSchema,
    variables,
  });
  const { storage, controlUrl } = host.answer;
  const run = async (contender: string, name: string): Promise<Run> => {
    const uploadUrl = `${sink.answer.url}/${name}`;
    const job: Job = { contender, storage, bytes, plan, uploadUrl };
    const figures =
      contender === "ours"
        ? await relayOurs(`${controlUrl}/${name}`)
        : await contend({ path: contenderPath, input: job, answer: figuresSchema, variables });
    return { ...figures, bytes: await bytesAt(`${sink.answer.seenUrl}/${name}`, job) };
  };
  const runsByName = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  try {
    // Round 0 warms the servers up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const { id, name } of round === 0 ? contenders.slice(0, 1) : contenders) {
        const seen = await run(id, `${id}-${round}`);
        if (round > 0) runsByName.get(name)?.push(seen);
        const rate = (seen.bytes / 1e6 / seen.seconds).toFixed(0);
        say(`round ${round} of ${rounds}  ${name.padEnd(14)} ${rate} MB/s`);
      }
    }
  } finally {
    await Promise.all([host.stop(), sink.stop()]);
  }
  const rows = [...runsByName].map(([name, runs]) => medianRow(name, runs.map(streamFiguresOf)));
  const result = toResult({
    benchmark: ["relay", options.hasLatency && "--latency", options.hasTls && "--tls"]
      .filter(Boolean)
      .join(" "),
    setting: { bytes, rounds, chunkBytes: plan.chunkBytes },
    figures: streamFigures,
    rows,
    ...compared(rows, { bytes, plan }, limits),
  });
  return [{ result, figures: streamFigures }];
}

/** One contender, one task, in a new process. */
async function contend(options: Parameters<typeof startChild<Figures>>[0]): Promise<Figures> {
  const child = await startChild(options);
  await child.stop();
  return child.answer;
}

async function relayOurs(url: string): Promise<Figures> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(await answer.text());
  return figuresSchema.parse(await answer.json());
}

/** The sink's count is the one that counts. */
async function bytesAt(seenUrl: string, { contender, bytes }: Job): Promise<number> {
  const arrived = arrivedSchema.parse(await (await fetch(seenUrl)).json());
  if (arrived.receivedBytes !== bytes || arrived.strayReads > 0) {
    throw new Error(`${contender} delivered wrong bytes: ${JSON.stringify(arrived)}`);
  }
  return arrived.receivedBytes;
}

/** Under latency there is a second baseline: a protocol that loses nothing but TikTok's thinking after each chunk. */
function compared(
  rows: Row[],
  { bytes, plan }: Pick<Job, "bytes" | "plan">,
  limits: typeof latency | typeof noLatency,
): { baselines: Row[]; legend: Record<string, string> } {
  const baselines = rows.filter(({ name }) => name === baseline);
  const legend = Object.fromEntries(contenders.map(({ name, about }) => [name, about]));
  if (limits.bytesPerSecond === null) return { baselines, legend };
  const seconds = bytes / limits.bytesPerSecond + (plan.chunkCount * limits.answerMs) / 1000;
  const ideal = medianRow("ideal", [
    streamFiguresOf({ bytes, seconds, cpuSeconds: null, peakRssBytes: null }),
  ]);
  const about = `bytes / rate + chunks × answer latency = ${figureOf(ideal, "mbPerSecond")} MB/s`;
  return { baselines: [...baselines, ideal], legend: { ...legend, ideal: about } };
}

/** Contenders run bundled, as functions do: stripping types at run time would count as their memory. */
async function bundle(dir: string): Promise<string> {
  await build({
    entryPoints: [pathOf("./contender.ts")],
    outdir: dir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
    },
    logLevel: "warning",
  });
  return join(dir, "contender.mjs");
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
