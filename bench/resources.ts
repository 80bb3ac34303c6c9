/** What a process has used, as the kernel counts it. */
import { readFileSync } from "node:fs";

/** USER_HZ, which Linux has fixed for programs. */
const clockTicksPerSecond = 100;

/**
 * Linux's VmHWM counts from the start of the program; `maxRSS` also counts what the parent held when it forked, so it is
 * taken only where there is nothing better.
 */
export function ownPeakRssBytes(): number {
  return peakRssBytes(process.pid) ?? process.resourceUsage().maxRSS * 1024;
}

/** Null when the process is gone, or on a system without /proc. */
export function peakRssBytes(pid: number): number | null {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

export function childrenOf(pid: number): number[] {
  return readProc(`${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
}

/** User and system time that a process has used so far, in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  // Fields 14 and 15; the name before them, in brackets, may contain anything (man proc_pid_stat).
  const fields = readProc(`${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

/** The environment that a process was started with. */
export function variablesOf(pid: number): Record<string, string> {
  const entries = readProc(`${pid}/environ`)
    .split("\0")
    .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]);
  return Object.fromEntries(entries);
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}
