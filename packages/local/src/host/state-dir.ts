/**
 * The folder that outlives a run: made when missing, locked while in use, emptied when asked to.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { acquireLock } from "./lock.ts";

/** What `--fresh` forgets; nothing else in the folder is ours to delete. */
const stateNames = ["dynamo", "s3", "sandbox", "logs", "keys.json", "secrets.json"];

/** Rejects a folder that another host is using; answers its full path and how to give it back. */
export function openStateDir(options: { dir: string; isFresh: boolean }): {
  dir: string;
  release: () => void;
} {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const release = acquireLock(dir);
  if (options.isFresh) {
    for (const name of stateNames) rmSync(join(dir, name), { recursive: true, force: true });
  }
  return { dir, release };
}
