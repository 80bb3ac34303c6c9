/**
 * How much memory a process holds, as the kernel counts it.
 *
 * Lambda limits a function by its resident set, and `--max-old-space-size` does not see Buffers, so
 * the resident set is what is read here: from /proc where it exists, else from `ps`. Acting on the
 * figure is left to the process's owner.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const hasProc = existsSync("/proc/self/status");

/** How often a busy process is measured. `ps` starts a process for each answer, so it asks less. */
export const memoryPollMs = hasProc ? 50 : 500;

/**
 * The largest resident set so far (/proc keeps the high-water mark, so that a peak between two polls
 * counts as well), or the present one where only `ps` can tell. Zero once the process is gone.
 */
export function readPeakRssBytes(pid: number): number | Promise<number> {
  return hasProc ? readFromProc(pid) : readFromPs(pid);
}

function readFromProc(pid: number): number {
  try {
    return parseProcStatus(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    // The process ended between two polls: ENOENT or ESRCH, both of which mean "nothing held".
    return 0;
  }
}

/** `VmHWM:	   61234 kB`; a zombie has no such line. */
export function parseProcStatus(status: string): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return match === null ? 0 : Number(match[1]) * 1024;
}

function readFromPs(pid: number): Promise<number> {
  return new Promise((resolve) => {
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, stdout) => {
      resolve(error === null ? Number(stdout.trim()) * 1024 : 0);
    });
  });
}
