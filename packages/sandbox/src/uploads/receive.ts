// Moves the body of one PUT to disk: bounded memory, the sender held back by the disk, broken off when it
// falls silent. Knows nothing of tasks.

import type { Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { finished, pipeline } from "node:stream/promises";
import type { Sandbox } from "../context.ts";

export type ChunkTarget = {
  path: string;
  position: number;
  bytes: number;
  hash: Hash;
  breakAfterBytes: number | null;
};

export type ChunkTimes = { firstByteAtMs: number; lastByteAtMs: number };

const writeBufferBytes = 2 * 2 ** 20;

/** null: the sender broke off (or was broken off) before the whole chunk was here. */
export async function receiveChunk(
  sandbox: Sandbox,
  request: IncomingMessage,
  target: ChunkTarget,
): Promise<ChunkTimes | null> {
  const watch = watchIdle(sandbox, request);
  let firstByteAtMs: number | null = null;
  let receivedBytes = 0;
  async function* digest(pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      firstByteAtMs ??= sandbox.clock.nowMs();
      receivedBytes += piece.length;
      watch.touch();
      if (target.breakAfterBytes !== null && receivedBytes > target.breakAfterBytes) {
        throw new BreakOff();
      }
      target.hash.update(piece);
      yield piece;
    }
  }
  const file = createWriteStream(target.path, {
    flags: "r+",
    start: target.position,
    highWaterMark: writeBufferBytes,
  });
  try {
    await pipeline(request, digest, file);
  } catch (error) {
    if (isBrokenOff(error)) return null;
    throw error;
  } finally {
    watch.stop();
  }
  if (receivedBytes !== target.bytes || !request.complete) return null;
  const lastByteAtMs = sandbox.clock.nowMs();
  return { firstByteAtMs: firstByteAtMs ?? lastByteAtMs, lastByteAtMs };
}

class BreakOff extends Error {}

/** Reads and forgets the rest of the body; false when the sender broke off. */
export async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.complete) return true;
  if (request.destroyed) return false;
  request.resume();
  try {
    await finished(request, { writable: false });
    return true;
  } catch (error) {
    if (isBrokenOff(error)) return false;
    throw error;
  }
}

function watchIdle(sandbox: Sandbox, request: IncomingMessage) {
  const idleMs = sandbox.knobs.uploadIdleMs;
  let lastByteAtMs = sandbox.clock.nowMs();
  let cancel = () => {};
  const arm = (delayMs: number) => {
    cancel = sandbox.clock.setTimer(delayMs, () => {
      const silentMs = sandbox.clock.nowMs() - lastByteAtMs;
      if (silentMs >= idleMs) request.destroy();
      else arm(idleMs - silentMs);
    });
  };
  arm(idleMs);
  return {
    touch: () => {
      lastByteAtMs = sandbox.clock.nowMs();
    },
    stop: () => cancel(),
  };
}

/** A peer that goes away is an ordinary outcome; anything else is a fault of this machine. */
function isBrokenOff(error: unknown): boolean {
  if (error instanceof BreakOff) return true;
  const code = error instanceof Error && "code" in error ? error.code : null;
  const codes = ["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "EPIPE", "ABORT_ERR"];
  return typeof code === "string" && codes.includes(code);
}
