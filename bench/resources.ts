/** What a process has used, as the kernel counts it. */
import { readFileSync } from "node:fs";

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

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}
