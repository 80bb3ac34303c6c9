/**
 * `bench upload`: one file from a browser (or Node) to storage over a shaped link, by each contender in turn, round after
 * round. What arrived is read back, requests are counted where they arrive, and time runs until storage has the object.
 */
import { rmSync } from "node:fs";
import { mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startChild } from "../child.ts";
import {
  type BenchOptions,
  type Figure,
  type Figures,
  medianRow,
  type Reported,
  streamFigures,
  streamFiguresOf,
  toResult,
} from "../report.ts";
import {
  curlName,
  pageNames,
  plainName,
  type UploadContender,
  type UploadFigures,
  uploadContenders,
  uppy5Name,
  uppy6Name,
} from "./contenders.ts";
import {
  blockBytes,
  type LinkSpec,
  type Seen,
  seenSchema,
  stageAddressSchema,
  stampOf,
} from "./protocol.ts";

/** What a creator's line is like: a round trip to the region, and one request in a hundred that breaks. */
const roundTripMs = 50;
const cutShare = 0.01;
const ratesUsual = [100e6, 1e9];
/**
 * What the link carries in these seconds, a gibibyte at most: long enough that beginning and end hardly count. Two links and
 * all contenders are then done in five minutes.
 */
const secondsUsual = 24;
const bytesMax = 2 ** 30;
const roundsUsual = 1;
/** An upload that takes so many times as long as the link needs is stuck. */
const slownessMax = 20;
const timeoutMsMin = 60_000;

const figures: Figure[] = [
  ...streamFigures,
  { key: "ofCapacity", title: "of the link", digits: 2 },
  { key: "heapMb", title: "JS heap MB", digits: 1, ratio: { key: "heap", title: "× heap" } },
  { key: "longTasks", title: "tasks > 50 ms", digits: 0 },
  { key: "longestTaskMs", title: "longest ms", digits: 0 },
  { key: "signCalls", title: "sign calls", digits: 0 },
  { key: "puts", title: "part PUTs", digits: 0 },
  { key: "cuts", title: "cut", digits: 0 },
];

export async function benchUpload(options: BenchOptions): Promise<Reported[]> {
  const { bitsPerSecond: only, say } = options;
  const reported: Reported[] = [];
  for (const bitsPerSecond of only === null ? ratesUsual : [only]) {
    const bytes = options.bytes ?? Math.min(bytesMax, (bitsPerSecond / 8) * secondsUsual);
    const rounds = options.rounds ?? roundsUsual;
    reported.push(await benchLink({ bitsPerSecond, bytes, rounds, say }));
  }
  return reported;
}

interface LinkRun {
  bitsPerSecond: number;
  bytes: number;
  rounds: number;
  say(line: string): void;
}

async function benchLink({ bitsPerSecond, bytes, rounds, say }: LinkRun): Promise<Reported> {
  const rate =
    bitsPerSecond >= 1e9 ? `${bitsPerSecond / 1e9} Gbit/s` : `${bitsPerSecond / 1e6} Mbit/s`;
  say(`a link of ${rate}, ${roundTripMs} ms round trip, 1 part request in 100 breaks`);
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  process.once("exit", remove);
  const pagesDir = join(dir, "pages");
  const path = join(dir, "video.mp4");
  await Promise.all([bundlePages(pagesDir), makeFile(path, bytes)]);
  const link: LinkSpec = { bytesPerSecond: bitsPerSecond / 8, roundTripMs, cutShare };
  const stage = await startChild({
    path: fileURLToPath(new URL("./stage.ts", import.meta.url)),
    input: { dir: join(dir, "s3"), pagesDir, link },
    answer: stageAddressSchema,
  });
  const job = {
    ...stage.answer,
    path,
    bytes,
    timeoutMs: Math.max(timeoutMsMin, (bytes / link.bytesPerSecond) * 1000 * slownessMax),
  };
  const runs = new Map<string, Figures[]>(uploadContenders.map(({ name }) => [name, []]));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of uploadContenders) {
        const run = await runOnce(contender, job, link);
        runs.get(contender.name)?.push(run);
        const speed = `${run.mbPerSecond?.toFixed(1)} MB/s`;
        say(`round ${round} of ${rounds}  ${contender.name.padEnd(12)} ${speed}`);
      }
    }
  } finally {
    await stage.stop();
    remove();
  }
  const rows = [...runs].map(([name, all]) => medianRow(name, all));
  const baselines = [uppy6Name, uppy5Name, plainName, curlName];
  const result = toResult({
    benchmark: `upload ${rate}`,
    setting: { bytes, rounds, rate, roundTripMs, cutShare },
    figures,
    rows,
    baselines: rows.filter(({ name }) => baselines.includes(name)),
    legend: Object.fromEntries(uploadContenders.map(({ name, about }) => [name, about])),
  });
  return { result, figures };
}

interface Job {
  siteUrl: string;
  controlUrl: string;
  path: string;
  bytes: number;
  timeoutMs: number;
}

async function runOnce(contender: UploadContender, job: Job, link: LinkSpec): Promise<Figures> {
  await fetch(job.controlUrl, { method: "POST" });
  const used = await contender.upload(job);
  const seen = seenSchema.parse(await (await fetch(job.controlUrl)).json());
  const [object, ...others] = seen.objects;
  if (object?.bytes !== job.bytes || !object.hasRightBytes || others.length > 0) {
    throw new Error(`${contender.name} stored something else: ${JSON.stringify(seen.objects)}`);
  }
  return figuresOf(used, seen, job.bytes, link);
}

function figuresOf(used: UploadFigures, seen: Seen, bytes: number, link: LinkSpec): Figures {
  const { heapBytes, longTasks = null, longestTaskMs = null } = used;
  return {
    ...streamFiguresOf({ ...used, bytes }),
    ofCapacity: bytes / used.seconds / link.bytesPerSecond,
    heapMb: heapBytes === undefined ? null : heapBytes / 1e6,
    longTasks,
    longestTaskMs,
    signCalls: seen.signCalls,
    apiCalls: seen.apiCalls,
    puts: seen.puts,
    cuts: seen.cuts,
  };
}

/** Holes read as fast as memory, and the disk of whoever runs this is not what is measured. */
async function makeFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.truncate(bytes);
    for (let block = 0; (block + 1) * blockBytes <= bytes; block += 1) {
      await file.write(stampOf(block), 0, null, block * blockBytes);
    }
  } finally {
    await file.close();
  }
}

/** Minified, as pages ship them. Uppy 5's plugin would find the core of version 6 beside it, so it is told where its own is. */
async function bundlePages(outdir: string): Promise<void> {
  await Promise.all(
    pageNames.map((name) =>
      build({
        entryPoints: [fileURLToPath(new URL(`./page/${name}.ts`, import.meta.url))],
        // Where aliases are looked up.
        absWorkingDir: fileURLToPath(new URL("../", import.meta.url)),
        outdir,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        minify: true,
        platform: "browser",
        format: "esm",
        target: "es2022",
        alias: name === "uppy-5" ? { "@uppy/core": "@uppy/core-5" } : {},
        logLevel: "warning",
      }),
    ),
  );
}
