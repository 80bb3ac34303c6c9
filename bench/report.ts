/**
 * What every benchmark reports: medians by contender, ratios to the named baselines, a table for people and results.json
 * for machines. The file keeps the latest result of each benchmark and says nothing of the machine but its processor.
 */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const resultsPath = fileURLToPath(new URL("./results.json", import.meta.url));

export interface BenchOptions {
  bytes: number;
  rounds: number;
  hasLatency: boolean;
  /** Takes a line for each step. */
  say(line: string): void;
}

/** One contender's medians. A figure is null where the system cannot tell it, or where it has no meaning. */
export interface Row {
  name: string;
  mbPerSecond: number;
  cpuSecondsPerGiB: number | null;
  peakRssMb: number | null;
}

/** How many times the baseline's figure: more is better for speed, less for the others. */
export interface Ratio {
  name: string;
  to: string;
  speed: number;
  cpu: number | null;
  rss: number | null;
}

export interface BenchmarkResult {
  benchmark: string;
  date: string;
  node: string;
  cpu: string;
  cpuCount: number;
  bytes: number;
  rounds: number;
  rows: Row[];
  ratios: Ratio[];
  /** What each contender and baseline is, by name. */
  legend: Record<string, string>;
}

const fileSchema = z.record(z.string(), z.unknown());

export interface Run {
  bytes: number;
  seconds: number;
  cpuSeconds: number | null;
  peakRssBytes: number | null;
}

/** Medians of each figure on its own, so that one disturbed run does not count. */
export function medianRow(name: string, runs: Run[]): Row {
  const of = (figure: (run: Run) => number | null) => {
    const values = runs.map(figure).filter((value) => value !== null);
    return values.length === runs.length ? median(values) : null;
  };
  return {
    name,
    mbPerSecond: of(({ bytes, seconds }) => bytes / 1e6 / seconds) ?? 0,
    cpuSecondsPerGiB: of(({ bytes, cpuSeconds }) => cpuSeconds && (cpuSeconds / bytes) * 2 ** 30),
    peakRssMb: of(({ peakRssBytes }) => peakRssBytes && peakRssBytes / 1e6),
  };
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0;
  return round((lower + upper) / 2);
}

export function toResult(given: {
  benchmark: string;
  bytes: number;
  rounds: number;
  rows: Row[];
  baselines: Row[];
  legend: Record<string, string>;
}): BenchmarkResult {
  const { rows, baselines, ...rest } = given;
  const compare = (row: Row, to: Row): Ratio => ({
    name: row.name,
    to: to.name,
    speed: round(row.mbPerSecond / to.mbPerSecond),
    cpu: ratio(row.cpuSecondsPerGiB, to.cpuSecondsPerGiB),
    rss: ratio(row.peakRssMb, to.peakRssMb),
  });
  return {
    ...rest,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpuCount: cpus().length,
    rows,
    ratios: baselines.flatMap((to) =>
      rows.filter((row) => row !== to).map((row) => compare(row, to)),
    ),
  };
}

function ratio(value: number | null, to: number | null): number | null {
  return value === null || to === null || to === 0 ? null : round(value / to);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function toTable({ rows, ratios, legend }: BenchmarkResult): string {
  const cell = (value: number | null, digits: number) => value?.toFixed(digits) ?? "–";
  const lines = [
    ["", "MB/s", "CPU s/GiB", "peak RSS MB"],
    ...rows.map(({ name, mbPerSecond, cpuSecondsPerGiB, peakRssMb }) => [
      name,
      cell(mbPerSecond, 0),
      cell(cpuSecondsPerGiB, 2),
      cell(peakRssMb, 0),
    ]),
    ["", "", "", ""],
    ["ratio", "× speed", "× CPU", "× RSS"],
    ...ratios.map(({ name, to, speed, cpu, rss }) => [
      `${name} to ${to}`,
      cell(speed, 2),
      cell(cpu, 2),
      cell(rss, 2),
    ]),
  ];
  const nameCells = Math.max(...lines.map(([name]) => name?.length ?? 0));
  const table = lines.map(
    ([name = "", ...figures]) =>
      `  ${name.padEnd(nameCells)}${figures.map((figure) => figure.padStart(13)).join("")}`,
  );
  const notes = Object.entries(legend).map(([name, text]) => `  ${name}: ${text}`);
  return [...table, "", ...notes].join("\n");
}

/** Replaces this benchmark's former result and keeps the others'. */
export async function save(path: string, result: BenchmarkResult): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const results = { ...fileSchema.parse(JSON.parse(text)), [result.benchmark]: result };
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
}
