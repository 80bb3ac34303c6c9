/**
 * What every benchmark reports: medians by contender, ratios to the named baselines, a table for people and results.json
 * for machines. The file keeps the latest result of each benchmark and says nothing of the machine but its processor.
 */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const resultsPath = fileURLToPath(new URL("./results.json", import.meta.url));

/** What a benchmark is asked for; null leaves it to the benchmark's own defaults. */
export interface BenchOptions {
  bytes: number | null;
  rounds: number | null;
  hasLatency: boolean;
  hasTls: boolean;
  /** The largest chunk that TikTok takes. */
  chunkBytes: number | null;
  bitsPerSecond: number | null;
  users: number | null;
  waiting: number | null;
  due: number | null;
  /** Takes a line for each step. */
  say(line: string): void;
}

/** A column: its name in results.json, how a table shows it, and what its ratio to a baseline is called. */
export interface Figure {
  key: string;
  title: string;
  digits: number;
  ratio?: { key: string; title: string };
}

/** Figures by key. One is null where the system cannot tell it, or where it has no meaning. */
export type Figures = Record<string, number | null>;

/** One contender's medians, as they stand in results.json: its name, and its figures beside it. */
export type Row = Record<string, string | number | null> & { name: string };
/** How many times the baseline's figure. */
export type Ratio = Record<string, string | number | null> & { name: string; to: string };

export interface BenchmarkResult {
  benchmark: string;
  date: string;
  node: string;
  cpu: string;
  cpuCount: number;
  /** What it was measured with: sizes, rounds, counts. */
  setting: Record<string, string | number>;
  rows: Row[];
  ratios: Ratio[];
  /** What each contender and baseline is, by name. */
  legend: Record<string, string>;
}

export interface Reported {
  result: BenchmarkResult;
  /** The columns that its table shows. */
  figures: Figure[];
}

export type Benchmark = (options: BenchOptions) => Promise<Reported[]>;

/** For everything that moves bytes. More is better for speed, less for the others. */
export const streamFigures: Figure[] = [
  { key: "mbPerSecond", title: "MB/s", digits: 0, ratio: { key: "speed", title: "× speed" } },
  { key: "cpuSecondsPerGiB", title: "CPU s/GiB", digits: 2, ratio: { key: "cpu", title: "× CPU" } },
  { key: "peakRssMb", title: "peak RSS MB", digits: 0, ratio: { key: "rss", title: "× RSS" } },
];

export interface Run {
  bytes: number;
  seconds: number;
  cpuSeconds: number | null;
  peakRssBytes: number | null;
}

export function streamFiguresOf({ bytes, seconds, cpuSeconds, peakRssBytes }: Run): Figures {
  return {
    mbPerSecond: bytes / 1e6 / seconds,
    cpuSecondsPerGiB: cpuSeconds === null ? null : (cpuSeconds / bytes) * 2 ** 30,
    peakRssMb: peakRssBytes === null ? null : peakRssBytes / 1e6,
  };
}

/** Medians of each figure on its own, so that one disturbed run does not count. */
export function medianRow(name: string, runs: Figures[]): Row {
  const row: Row = { name };
  for (const key of Object.keys(runs[0] ?? {})) {
    const values = runs.map((run) => run[key] ?? null).filter((value) => value !== null);
    row[key] = values.length === runs.length ? median(values) : null;
  }
  return row;
}

export function median(values: number[]): number {
  return round(quantile(values, 0.5));
}

/** Between the two values that it lies between, as most tools do it. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(place)] ?? 0;
  const upper = sorted[Math.ceil(place)] ?? 0;
  return lower + (upper - lower) * (place % 1);
}

export function figureOf(row: Row | undefined, key: string): number | null {
  const value = row?.[key];
  return typeof value === "number" ? value : null;
}

export function toResult(given: {
  benchmark: string;
  setting: Record<string, string | number>;
  figures: Figure[];
  rows: Row[];
  baselines: Row[];
  legend: Record<string, string>;
}): BenchmarkResult {
  const { figures, rows, baselines, ...rest } = given;
  const compare = (row: Row, to: Row): Ratio => {
    const ratio: Ratio = { name: row.name, to: to.name };
    for (const { key, ratio: named } of figures) {
      if (named) ratio[named.key] = ratioOf(figureOf(row, key), figureOf(to, key));
    }
    return ratio;
  };
  return {
    ...rest,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpuCount: cpus().length,
    rows,
    // Baselines are compared with, not among each other.
    ratios: baselines.flatMap((to) =>
      rows
        .filter(({ name }) => baselines.every((one) => one.name !== name))
        .map((row) => compare(row, to)),
    ),
  };
}

function ratioOf(value: number | null, to: number | null): number | null {
  return value === null || to === null || to === 0 ? null : round(value / to);
}

/** Three digits at least, so that small money and small ratios keep theirs. */
export function round(value: number): number {
  return Math.abs(value) >= 1 ? Math.round(value * 100) / 100 : Number(value.toPrecision(3));
}

export function toTable({ rows, ratios, legend }: BenchmarkResult, figures: Figure[]): string {
  const cell = (value: string | number | null | undefined, digits: number) =>
    typeof value === "number" ? value.toFixed(digits) : "–";
  const compared = figures.flatMap(({ ratio }) => (ratio ? [ratio] : []));
  const lines = [
    ["", ...figures.map(({ title }) => title)],
    ...rows.map((row) => [row.name, ...figures.map(({ key, digits }) => cell(row[key], digits))]),
  ];
  if (ratios.length > 0) {
    lines.push([""], ["ratio", ...compared.map(({ title }) => title)]);
    for (const ratio of ratios) {
      const cells = compared.map(({ key }) => cell(ratio[key], 2));
      lines.push([`${ratio.name} to ${ratio.to}`, ...cells]);
    }
  }
  const nameCells = Math.max(...lines.map(([name]) => name?.length ?? 0));
  const table = lines.map(
    ([name = "", ...cells]) =>
      `  ${name.padEnd(nameCells)}${cells.map((text) => text.padStart(Math.max(13, text.length + 2))).join("")}`,
  );
  const notes = Object.entries(legend).map(([name, text]) => `  ${name}: ${text}`);
  return [...table, "", ...notes].join("\n");
}

const fileSchema = z.record(z.string(), z.unknown());

/** Replaces these benchmarks' former results and keeps the others'. */
export async function save(path: string, results: BenchmarkResult[]): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const kept = fileSchema.parse(JSON.parse(text));
  for (const result of results) kept[result.benchmark] = result;
  await writeFile(path, `${JSON.stringify(kept, null, 2)}\n`);
}
