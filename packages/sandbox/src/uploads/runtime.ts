// What an upload needs between its PUTs: the digest of the bytes so far, and a turnstile that lets one PUT
// through at a time. After a restart the digest is rebuilt from the file, and an upload that was killed between
// its last byte and its end comes to that end.

import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import type { Sandbox, UploadRuntime } from "../context.ts";
import { isUnfinished } from "../machine.ts";
import type { Task } from "../state.ts";
import * as Tasks from "../tasks.ts";

const waitingMax = 4;

/** Runs when every earlier PUT of this task has come to its end. */
export async function inTurn<T>(
  sandbox: Sandbox,
  task: Task,
  work: () => Promise<T>,
): Promise<T | "crowded"> {
  const runtime = entryOf(sandbox, task);
  if (runtime.waitingCount >= waitingMax) return "crowded";
  runtime.waitingCount += 1;
  const earlier = runtime.last;
  const { promise, resolve } = Promise.withResolvers<void>();
  runtime.last = promise;
  try {
    await earlier;
    return await work();
  } finally {
    runtime.waitingCount -= 1;
    resolve();
    const isIdle = runtime.waitingCount === 0 && runtime.hashedBytes === 0;
    if (isIdle) sandbox.uploads.delete(task.publishId);
  }
}

/** The runtime with its digest at the task's offset. */
export async function runtimeOf(sandbox: Sandbox, task: Task): Promise<UploadRuntime> {
  const runtime = entryOf(sandbox, task);
  if (runtime.hashedBytes !== task.uploadedBytes) {
    runtime.hash = await hashFile(Tasks.videoPath(sandbox, task), task.uploadedBytes);
    runtime.hashedBytes = task.uploadedBytes;
  }
  return runtime;
}

/** Does for each whole upload what its last PUT was killed before: no other PUT will come. */
export async function finishUploads(sandbox: Sandbox): Promise<void> {
  for (const task of sandbox.store.tasks.all()) {
    const path = Tasks.videoPath(sandbox, task);
    // Without its file, which only a hand can have removed, it fails when its hour is over.
    if (!isUnfinished(task) || !existsSync(path)) continue;
    const hash = await hashFile(path, task.totalBytes);
    await Tasks.finishTransfer(sandbox, task, hash.digest("hex"));
  }
}

function entryOf(sandbox: Sandbox, task: Task): UploadRuntime {
  const known = sandbox.uploads.get(task.publishId);
  if (known !== undefined) return known;
  const runtime: UploadRuntime = {
    hash: createHash("sha256"),
    hashedBytes: 0,
    waitingCount: 0,
    last: Promise.resolve(),
  };
  sandbox.uploads.set(task.publishId, runtime);
  return runtime;
}

async function hashFile(path: string, bytes: number): Promise<Hash> {
  const hash = createHash("sha256");
  if (bytes === 0) return hash;
  for await (const piece of createReadStream(path, { end: bytes - 1 })) hash.update(piece);
  return hash;
}
