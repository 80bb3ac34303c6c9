/**
 * The note by which a running local host is found: what one must put into the environment to reach it.
 *
 * It lies in the host's state folder, holds the credentials of that host's own servers and is therefore its owner's alone. It
 * names the process that wrote it and the moment that process started, so that a note left behind by a crash is never
 * believed, not even when a stranger was given the same process id.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const noteSchema = z.object({
  pid: z.number().int().positive(),
  started: z.string(),
  /** As functions get them: `AWS_*` and `SST_RESOURCE_*`. */
  variables: z.record(z.string(), z.string()),
});

const fileName = "running.json";

/** Answers how to take the note away again. */
export function announceHost(dir: string, variables: Record<string, string>): () => void {
  const path = join(dir, fileName);
  const draft = `${path}.${process.pid}`;
  const note = { pid: process.pid, started: processStart(process.pid) ?? "unknown", variables };
  // Renamed into place: a reader sees all of it or nothing, and a file with wider rights is replaced, not reused.
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify(note), { flag: "wx", mode: 0o600 });
  renameSync(draft, path);
  return () => rmSync(path, { force: true });
}

/** The variables of the host that runs in this folder; null when none does. */
export function findHost(dir: string): Record<string, string> | null {
  let text: string;
  try {
    text = readFileSync(join(dir, fileName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const note = noteSchema.parse(JSON.parse(text));
  return processStart(note.pid) === note.started ? note.variables : null;
}

/** When a process started, in the system's own words; null when there is no such process. */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === "linux") {
      // Field 22, counted after the command's name, which may itself contain spaces and brackets:
      // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
      return `${bootId} ${fields[19]}`;
    }
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return started.trim() || null;
  } catch {
    return null;
  }
}
