/**
 * Numbers as people read them: sizes, speeds, durations. Decimal units, as storage and networks are sold.
 */
const units = ["bytes", "kB", "MB", "GB", "TB"];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 and more would be printed as 1000.0.
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit <= 1 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** A limit as it was set: powers of two by their own names, so that 4 GiB is not said to be 4.3 GB. */
export function formatLimit(bytes: number): string {
  const gibibytes = bytes / 1024 ** 3;
  return Number.isInteger(gibibytes) && gibibytes > 0 ? `${gibibytes} GiB` : formatBytes(bytes);
}

export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** 30 fps, 23.98 fps. */
export function formatRate(framesPerSecond: number): string {
  return `${Number(framesPerSecond.toFixed(2))} fps`;
}

/** As on a player, which shows whole seconds that have passed: 0:07, 12:03, 1:02:03. */
export function formatClock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const head = hours > 0 ? `${hours}:${pad(minutes)}` : String(minutes);
  return `${head}:${pad(seconds % 60)}`;
}

/** How long something takes, coarser the longer it is, so that it does not flicker. */
export function formatWait(seconds: number): string {
  if (seconds < 5) return "a few seconds";
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

export function formatPercent(part: number, whole: number): number {
  // Never 100 before everything is there.
  return whole === 0 ? 0 : Math.min(100, Math.floor((part / whole) * 100));
}

/** Moments of today by their time, others by their day. */
export function formatMoment(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  return isToday
    ? at.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" })
    : at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
