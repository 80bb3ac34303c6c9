/** What a load run says at its end. */
import { median } from "./fairness.ts";
import { relaySlots } from "./plan.ts";
import type { RelayCounts } from "./relay-counts.ts";
import type { LoadReport } from "./run.ts";
import type { Sample } from "./watch.ts";

const columns = 60;
const marks = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

export function describe(report: LoadReport): string[] {
  const { bytes, storedSeconds, settledSeconds, accounts, raised } = report;
  const rate = (seconds: number) => `${Math.round(bytes / 1e6 / Math.max(seconds, 0.1))} MB/s`;
  const caps = Object.entries(raised).map(([name, value]) => `${name} to ${value}`);
  const relaySeconds = Math.round(10 * (settledSeconds - storedSeconds)) / 10;
  return [
    ...problems(report),
    "",
    `TikTok's limits over ${accounts} accounts: ${caps.length === 0 ? "none was raised" : `raised ${caps.join(", ")}`}`,
    `stored     ${storedSeconds} s, ${rate(storedSeconds)} from users to storage`,
    `settled    ${relaySeconds} s after all was submitted at once, ${rate(relaySeconds)} from storage to TikTok`,
    `in all     ${settledSeconds} s, ${rate(settledSeconds)}`,
    ...describeQueue(report.samples),
    "",
    `relay      ${describeRelay(report.relay)}`,
    ...describeFairness(report),
    "",
    summary(report),
  ];
}

/** The machine-readable last line. */
export function summary(report: LoadReport): string {
  const { published, failed, lost, doubled, seconds, fairness } = report;
  const figure = fairness === null ? "none" : fairness.figure;
  return `published=${published} failed=${failed} lost=${lost.length} doubled=${doubled.length} seconds=${seconds} fairness=${figure}`;
}

export function isGood(report: LoadReport): boolean {
  const { published, publications, lost, doubled, orphans } = report;
  return published === publications && lost.length + doubled.length + orphans.length === 0;
}

function problems({ lost, doubled, orphans }: LoadReport): string[] {
  return Object.entries({ lost, doubled, orphans }).flatMap(([kind, lines]) =>
    lines.map((line) => `${kind}: ${line}`),
  );
}

function describeQueue(samples: Sample[]): string[] {
  const firstMs = samples[0]?.atMs ?? 0;
  const spanSeconds = ((samples.at(-1)?.atMs ?? 0) - firstMs) / 1000;
  const line = (label: string, values: number[]) =>
    `  ${label.padEnd(10)}${spark(values)}  up to ${Math.max(0, ...values)}`;
  return [
    "",
    `RelayQueue over ${Math.round(spanSeconds)} s, ${(spanSeconds / columns).toFixed(1)} s a column`,
    line(
      "visible",
      samples.map(({ visible }) => visible),
    ),
    line(
      "in flight",
      samples.map(({ inFlight }) => inFlight),
    ),
    line(
      "delayed",
      samples.map(({ delayed }) => delayed),
    ),
    line(
      "settled",
      samples.map(({ settled }) => settled),
    ),
  ];
}

/** Each column shows the most of its time; a dot is nothing at all. */
export function spark(values: number[], width = columns): string {
  const most = Math.max(1, ...values);
  const bars = Math.min(width, values.length);
  return Array.from({ length: bars }, (_, n) => {
    const from = Math.floor((n * values.length) / bars);
    const to = Math.max(from + 1, Math.floor(((n + 1) * values.length) / bars));
    const value = Math.max(...values.slice(from, to));
    return marks[Math.ceil((value / most) * (marks.length - 1))] ?? "";
  }).join("");
}

function describeRelay(counts: RelayCounts): string {
  const { invocations, results, burnedReceives, peakRssBytes } = counts;
  const each = (invocations / Math.max(1, results.delivered ?? 0)).toFixed(2);
  const ends = Object.entries(results)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  return `${each} invocations per publication (${ends.join(", ")}), ${burnedReceives} receives burned, ${Math.round(peakRssBytes / 1e6)} MB RSS at most`;
}

function describeFairness({ fairness, noisyRelay }: LoadReport): string[] {
  if (fairness === null) return [];
  const { videos, chunkMs, aloneMs, amid, figure } = fairness;
  const waitsMs = amid.map(({ waitMs }) => waitMs);
  const range = (values: number[]) =>
    `${Math.round(median(values))} ms (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`;
  const passedBy = Math.max(...amid.map((one) => one.passedBy));
  const leftBehind = Math.min(...amid.map((one) => one.leftBehind));
  return [
    "",
    `fairness   ${videos} videos of one user are queued, and TikTok takes ${Math.round(chunkMs)} ms for each of their chunks`,
    `  another user's single video waits for its first byte at TikTok`,
    `  alone    ${range(aloneMs)}`,
    `  amid     ${range(waitsMs)}; ${passedBy} of the ${videos} began meanwhile (${relaySlots} may), at least ${leftBehind} had to wait longer`,
    `  the worst is ${figure} chunk times above the wait alone`,
    `  relay    ${describeRelay(noisyRelay)}`,
  ];
}
