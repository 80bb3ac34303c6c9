/**
 * Moving bytes: ranged reads from storage streamed into PUTs at TikTok, one chunk after the other, each confirmed in
 * the record before the next. The next range is opened as soon as the current one is read to its end, while TikTok is
 * still thinking about its answer.
 */
import { assert, RetryableError } from "../errors/index.ts";
import type { Publication } from "../publications/index.ts";
import type { ByteStream, RangeDeps } from "../storage/index.ts";
import { accountHash, type Log } from "../system/index.ts";
import type { ChunkOutcome, SendChunk } from "../tiktok/index.ts";
import { beginShare } from "./backlog.ts";
import { chunkAt } from "./chunks.ts";
import type { Hold } from "./hold.ts";
import type { QueueDeps } from "./messages.ts";
import { askTask, type TaskDeps, type Verdict } from "./task.ts";

export type MoveDeps = TaskDeps &
  RangeDeps &
  Pick<QueueDeps, "relayQueue"> & { sendChunk: SendChunk; log: Log };

/** How often one chunk is tried before the relay steps back for a while. */
const triesPerChunkMax = 4;
const firstBackoffMs = 500;

export type MoveResult =
  | { type: "delivered" }
  | { type: "stopped" }
  | { type: "dead"; why: string };

interface Range {
  firstByte: number;
  lastByte: number;
  isLast: boolean;
}

/** Sends to `uploadUrl` what its task does not have yet. Throws `RetryableError` when a chunk fails again and again. */
export async function moveChunks(
  deps: MoveDeps,
  hold: Hold,
  uploadUrl: string,
): Promise<MoveResult> {
  const reader = createReader(deps, hold);
  const record = createCheckpoints(hold);
  const share = beginShare(deps, hold);
  let failures = 0;
  let slowestChunkMs = 0;
  try {
    while (!hold.signal.aborted) {
      const range = nextRange(hold.current(), record.confirmedBytes());
      if (range === "delivered") return { type: "delivered" };
      if (range === null) return { type: "dead", why: "off_boundary" };
      if (!hold.hasTimeFor(slowestChunkMs)) return { type: "stopped" };

      if (range.isLast) await record.settled();
      else share.ask();
      const startedMs = deps.clock.nowMs();
      const sent = await sendRange(deps, hold, reader, uploadUrl, range);
      const chunkMs = deps.clock.nowMs() - startedMs;
      if (hold.signal.aborted) return { type: "stopped" };
      logChunk(deps, hold.current(), { range, sent, durationMs: chunkMs, failures });

      await record.settled();
      const verdict = await verdictOn(deps, hold, sent, range);
      if (verdict.type !== "resume") return verdict;
      // The whole video: the step to `processing` records it, so it needs no checkpoint before.
      if (range.isLast && verdict.confirmedBytes > range.lastByte) return { type: "delivered" };
      const hasMoved = verdict.confirmedBytes > range.firstByte;
      if (hasMoved) slowestChunkMs = Math.max(slowestChunkMs, chunkMs);
      failures = hasMoved ? 0 : failures + 1;
      if (hasMoved) record.confirm(verdict.confirmedBytes);
      else await stepBack(deps, hold, failures);
      if (hasMoved && share.isUp()) return { type: "stopped" };
    }
    return { type: "stopped" };
  } finally {
    reader.close();
    await record.settled();
  }
}

function nextRange(publication: Publication, confirmedBytes: number): Range | "delivered" | null {
  const { task, file } = publication;
  assert(task, "there is a task to send to");
  if (confirmedBytes === file.bytes) return "delivered";
  return chunkAt(task, file.bytes, confirmedBytes);
}

interface Checkpoints {
  /** What TikTok has, whether or not the record says so yet. */
  confirmedBytes(): number;
  confirm(confirmedBytes: number): void;
  /** Resolves when the record says so. Throws what its write failed with, `LeaseLost` among it. */
  settled(): Promise<void>;
}

/**
 * Checkpoints are written while the next chunk is on its way: a process that dies between the two finds its successor
 * asking TikTok anyway. The last chunk alone waits, because from the record it must show that it may be out.
 */
function createCheckpoints(hold: Hold): Checkpoints {
  let confirmedBytes = hold.current().task?.confirmedBytes ?? 0;
  let writing: Promise<void> = Promise.resolve();
  return {
    confirmedBytes: () => confirmedBytes,
    confirm(bytes) {
      confirmedBytes = bytes;
      writing = checkpoint(hold, bytes);
      // Thrown where it is waited for; until then it is nobody's failure.
      writing.catch(() => undefined);
    },
    settled: () => writing,
  };
}

/** `source-failed`: storage gave no stream, so nothing was sent. */
type Sent = ChunkOutcome | { type: "source-failed"; code: string };

async function sendRange(
  deps: MoveDeps,
  hold: Hold,
  reader: Reader,
  uploadUrl: string,
  range: Range,
): Promise<Sent> {
  const { file } = hold.current();
  try {
    const body = await reader.open(range);
    await hold.awake();
    if (hold.signal.aborted) {
      body.destroy();
      return { type: "source-failed", code: "stopped" };
    }
    return await deps.sendChunk({
      uploadUrl,
      contentType: file.contentType,
      firstByte: range.firstByte,
      lastByte: range.lastByte,
      totalBytes: file.bytes,
      body,
      signal: hold.signal,
    });
  } catch (error) {
    if (hold.signal.aborted) return { type: "source-failed", code: "stopped" };
    if (error instanceof RetryableError) return { type: "source-failed", code: error.code };
    throw error;
  }
}

/** Anything but a plain yes is settled by asking TikTok how much it has. */
async function verdictOn(deps: MoveDeps, hold: Hold, sent: Sent, range: Range): Promise<Verdict> {
  if (sent.type === "accepted" && sent.isLast === range.isLast) {
    return { type: "resume", confirmedBytes: range.lastByte + 1 };
  }
  if (sent.type === "source-failed") return { type: "resume", confirmedBytes: range.firstByte };
  return askTask(deps, hold.current(), { isUrlDead: sent.type === "gone" });
}

async function checkpoint(hold: Hold, confirmedBytes: number): Promise<void> {
  await hold.revise((publication) => {
    assert(publication.task, "a task outlives its checkpoints");
    return {
      ...publication,
      task: { ...publication.task, confirmedBytes },
      fruitlessRuns: 0,
      nudges: 0,
    };
  });
}

async function stepBack(deps: MoveDeps, hold: Hold, failures: number): Promise<void> {
  if (failures >= triesPerChunkMax) {
    throw new RetryableError("chunk_failed", "A chunk failed several times in a row.", {
      retryAfterMs: firstBackoffMs * 2 ** triesPerChunkMax,
    });
  }
  await deps.clock.wait(firstBackoffMs * 2 ** failures, hold.signal);
}

interface Reader {
  open(range: Range): Promise<ByteStream>;
  close(): void;
}

/** Opens ranges, one of them ahead of time. A range that was opened ahead but is not wanted is closed again. */
function createReader(deps: MoveDeps, hold: Hold): Reader {
  let ahead: { firstByte: number; stream: Promise<ByteStream> } | null = null;

  const openRange = ({ firstByte, lastByte }: Range) => {
    const { upload } = hold.current();
    assert(upload.etag, "a relayed upload is complete");
    const { key, etag } = upload;
    return deps.ranges.openRange({ key, etag, firstByte, lastByte, signal: hold.signal });
  };
  const discard = () => {
    // A failure of a stream that nobody wants is nobody's failure.
    ahead?.stream.then((stream) => stream.destroy()).catch(() => undefined);
    ahead = null;
  };

  return {
    async open(range) {
      const prepared = ahead?.firstByte === range.firstByte ? ahead.stream : null;
      if (prepared === null) discard();
      ahead = null;
      const stream = await (prepared ?? openRange(range));
      void stream.ended.then(() => {
        const { task, file } = hold.current();
        if (task === null || range.isLast || hold.signal.aborted) return;
        const next = chunkAt(task, file.bytes, range.lastByte + 1);
        if (next === null) return;
        ahead = { firstByte: next.firstByte, stream: openRange(next) };
        ahead.stream.catch(() => undefined);
      });
      return stream;
    },
    close: discard,
  };
}

/** `failures` is how often the same chunk was sent before. */
function logChunk(
  deps: MoveDeps,
  publication: Publication,
  chunk: { range: Range; sent: Sent; durationMs: number; failures: number },
): void {
  const { range, sent, durationMs, failures } = chunk;
  const bytes = range.lastByte - range.firstByte + 1;
  const isTaken = sent.type === "accepted";
  deps.log.event(
    "chunk",
    {
      publicationId: publication.id,
      account: accountHash(publication.openId),
      outcome: sent.type,
      firstByte: range.firstByte,
      bytes,
      durationMs,
    },
    {
      ...(isTaken && { BytesRelayed: bytes, ChunkLatency: durationMs }),
      ...(failures > 0 && { RelayRetries: 1 }),
    },
  );
}
