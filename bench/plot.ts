/**
 * docs/bench.svg: ours beside the baselines, as bars, from results.json. Text and colours follow the reader's light or
 * dark setting. A benchmark that has no result yet has no panel.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const plotPath = fileURLToPath(new URL("../docs/bench.svg", import.meta.url));

interface Panel {
  benchmark: string;
  title: string;
  figure: string;
  unit: string;
  digits: number;
  /** These rows only. */
  only?: string[];
}

const panels: Panel[] = [
  {
    benchmark: "relay",
    title: "Storage to TikTok",
    figure: "mbPerSecond",
    unit: "MB/s",
    digits: 0,
  },
  {
    benchmark: "relay",
    title: "CPU of it, less is better",
    figure: "cpuSecondsPerGiB",
    unit: "s/GiB",
    digits: 2,
  },
  {
    benchmark: "upload 1 Gbit/s",
    title: "Upload, 1 Gbit/s, 50 ms, 1 % breaks",
    figure: "mbPerSecond",
    unit: "MB/s",
    digits: 0,
  },
  {
    benchmark: "upload 100 Mbit/s",
    title: "Upload, 100 Mbit/s, 50 ms, 1 % breaks",
    figure: "mbPerSecond",
    unit: "MB/s",
    digits: 1,
  },
  {
    benchmark: "api cold start",
    title: "Cold start of the API, less is better",
    figure: "initMs",
    unit: "ms",
    digits: 0,
  },
  {
    benchmark: "cost",
    title: "A published GB on AWS, less is better",
    figure: "usd",
    unit: "$",
    digits: 4,
    only: ["all but egress", "egress (GB)"],
  },
];

const resultsSchema = z.record(
  z.string(),
  z.looseObject({ rows: z.array(z.looseObject({ name: z.string() })).default([]) }),
);
type Results = z.infer<typeof resultsSchema>;

interface Bar {
  name: string;
  value: number;
}

const width = 760;
const panelWidth = 364;
const gap = width - 2 * panelWidth;
const nameWidth = 142;
const valueWidth = 84;
const barHeight = 16;
const rowHeight = 22;
const titleHeight = 30;
const panelGap = 20;

/** Reads the results and draws them. */
export async function plot(resultsPath: string): Promise<void> {
  const results = resultsSchema.parse(JSON.parse(await readFile(resultsPath, "utf8")));
  await writeFile(plotPath, draw(results));
}

/** Pure. */
export function draw(results: Results): string {
  const drawn = panels
    .map((panel) => ({ panel, bars: barsOf(panel, results) }))
    .filter(({ bars }) => bars.length > 0);
  let y = 0;
  const parts: string[] = [];
  for (let index = 0; index < drawn.length; index += 2) {
    const pair = drawn.slice(index, index + 2);
    pair.forEach(({ panel, bars }, column) => {
      parts.push(drawPanel(panel, bars, column * (panelWidth + gap), y));
    });
    const rows = Math.max(...pair.map(({ bars }) => bars.length));
    y += titleHeight + rows * rowHeight + panelGap;
  }
  const height = Math.max(1, y - panelGap);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Benchmarks: ours beside the baselines">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.value { fill: #59636e }
.bar { fill: #b7bfc7 }
.ours { fill: #0a7d6c }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .value { fill: #9da7b1 }
  .bar { fill: #4a535d }
  .ours { fill: #2dd4bf }
}
</style>
${parts.join("\n")}
</svg>
`;
}

function barsOf(panel: Panel, results: Results): Bar[] {
  const rows = results[panel.benchmark]?.rows ?? [];
  const bars = rows.flatMap(({ name, [panel.figure]: value }) =>
    typeof value === "number" ? [{ name, value }] : [],
  );
  return bars.filter(({ name }) => panel.only === undefined || panel.only.includes(name));
}

function drawPanel({ title, unit, digits }: Panel, bars: Bar[], x: number, y: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const room = panelWidth - nameWidth - valueWidth;
  const lines = bars.map(({ name, value }, index) => {
    const top = y + titleHeight + index * rowHeight;
    const base = top + barHeight - 4;
    const length = Math.max(1, Math.round((value / most) * room));
    const isOurs = name.startsWith("ours") || name.startsWith("all but");
    return [
      `<text x="${x}" y="${base}">${escaped(name)}</text>`,
      `<rect class="${isOurs ? "ours" : "bar"}" x="${x + nameWidth}" y="${top}" width="${length}" height="${barHeight}" rx="2"/>`,
      `<text class="value" x="${x + nameWidth + length + 6}" y="${base}">${value.toFixed(digits)} ${unit}</text>`,
    ].join("");
  });
  return [`<text class="title" x="${x}" y="${y + 16}">${escaped(title)}</text>`, ...lines].join(
    "\n",
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
