/**
 * One host per folder: two of them would write the same databases.
 *
 * The lock is a file naming its owner's process id and the moment that process started. The moment
 * tells a living owner from a stranger that was given the same id later, so that a lock left behind
 * by a crash, or by another container, is taken over silently.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processStart } from "@clipcast/ops/running";
import { z } from "zod";

export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";

  constructor(dir: string, pid: number) {
    super(
      `Another host (process ${pid}) is using ${dir}. Stop it first, or choose another folder with --dir.`,
    );
  }
}

const ownerSchema = z.object({ pid: z.number().int().positive(), started: z.string() });

/** A stale lock is removed once; losing the race for it twice means that somebody else is alive. */
const attemptCountMax = 3;

/** Answers how to release the lock. */
export function acquireLock(dir: string): () => void {
  const path = join(dir, "host.lock");
  const owner = { pid: process.pid, started: processStart(process.pid) ?? "unknown" };
  for (let attempt = 1; attempt <= attemptCountMax; attempt += 1) {
    try {
      writeFileSync(path, JSON.stringify(owner), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readOwner(path);
    if (holder !== null && processStart(holder.pid) === holder.started) {
      throw new AlreadyRunningError(dir, holder.pid);
    }
    rmSync(path, { force: true });
  }
  throw new Error(`The lock ${path} cannot be taken.`);
}

/** Null when the file is gone by now, or was never written to its end. */
function readOwner(path: string): z.infer<typeof ownerSchema> | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}
