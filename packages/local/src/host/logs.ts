/**
 * What functions print: one bounded file per function, and whoever else wants to listen.
 *
 * When a file is full it becomes `<function>.log.1`, replacing the one before, so that a function's
 * logs never take more than twice the bound. Lines are written in the order they came.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

export type LogLine = { functionName: string; line: string; atMs: number };

export type Logs = {
  write(functionName: string, line: string): void;
  /** Answers how to stop listening. */
  subscribe(listener: (line: LogLine) => void): () => void;
};

const fileBytesMax = 5 * 1024 * 1024;

export function createLogs(options: {
  dir: string;
  fileBytesMax?: number;
  nowMs?: () => number;
}): Logs {
  const { dir, fileBytesMax: bytesMax = fileBytesMax, nowMs = Date.now } = options;
  mkdirSync(dir, { recursive: true });
  const listeners = new Set<(line: LogLine) => void>();
  const bytesByPath = new Map<string, number>();

  function append(path: string, text: string): void {
    const known = bytesByPath.get(path);
    let bytes = known ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const added = Buffer.byteLength(text);
    if (bytes > 0 && bytes + added > bytesMax) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    appendFileSync(path, text);
    bytesByPath.set(path, bytes + added);
  }

  return {
    write(functionName, line) {
      const atMs = nowMs();
      append(join(dir, `${functionName}.log`), `${new Date(atMs).toISOString()} ${line}\n`);
      for (const listener of listeners) listener({ functionName, line, atMs });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
