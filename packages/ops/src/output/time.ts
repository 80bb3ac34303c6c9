/** Times and sizes as people say them. */

const units: [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** The largest unit of which there are at least two, so that "90 s" is not rounded to "1 min". */
export function duration(durationMs: number): string {
  const ms = Math.abs(durationMs);
  for (const [unit, unitMs] of units) {
    if (ms >= 2 * unitMs || unit === "s") return `${Math.round(ms / unitMs)} ${unit}`;
  }
  return "0 s";
}

export function relative(atMs: number, nowMs: number): string {
  const delta = atMs - nowMs;
  if (Math.abs(delta) < 1_000) return "now";
  return delta > 0 ? `in ${duration(delta)}` : `${duration(delta)} ago`;
}

/** To the second, in UTC, as logs and CloudWatch have it. */
export function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** As disks and TikTok count them. */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
