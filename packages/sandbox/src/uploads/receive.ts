// Moves the body of one PUT to disk: bounded memory, the sender held back by the disk, broken off when it
// falls silent. Knows nothing of tasks.

import type { Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
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
  const onPiece = (piece: Buffer) => {
    firstByteAtMs ??= sandbox.clock.nowMs();
    receivedBytes += piece.length;
    watch.touch();
    if (target.breakAfterBytes !== null && receivedBytes > target.breakAfterBytes) {
      throw new BreakOff();
    }
    target.hash.update(piece);
  };
  try {
    await copy(request, target, onPiece);
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

/**
 * By hand what `pipeline` with a generator would do, for less CPU per byte: this is the one place
 * where every byte passes. The sender is paused while more than the buffer waits for the disk.
 */
async function copy(
  request: IncomingMessage,
  { path, position }: ChunkTarget,
  onPiece: (piece: Buffer) => void,
): Promise<void> {
  const file = createWriteStream(path, {
    flags: "r+",
    start: position,
    highWaterMark: writeBufferBytes,
  });
  file.on("drain", () => request.resume());
  request.on("data", (piece: Buffer) => {
    try {
      onPiece(piece);
    } catch (error) {
      request.destroy(error instanceof Error ? error : new BreakOff());
      return;
    }
    if (!file.write(piece)) request.pause();
  });
  const written = finished(file);
  try {
    // A disk that fails must not leave the sender paused for ever.
    await Promise.race([finished(request, { writable: false }), written]);
    file.end();
    await written;
  } catch (error) {
    request.destroy();
    file.destroy();
    await written.catch(() => {});
    throw error;
  }
}

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
