// The life of one publish_id (fact sheet §16.5). `transition` is pure and total, and nothing else changes
// a task's status; an event that does not apply leaves the task as it is.
//
//   FILE: PROCESSING_UPLOAD ──all bytes──▶ (processing, same status) ─┐
//   PULL: PROCESSING_DOWNLOAD ────────────────────────────────────────┤
//   direct ──▶ PUBLISH_COMPLETE                                      ◀┘ settled
//   inbox  ──▶ SEND_TO_USER_INBOX ──creator posts──▶ PUBLISH_COMPLETE (and again)
//   PROCESSING_* ──▶ FAILED(reason)

import type { Chunk, FailReason, Task } from "./state.ts";

export type TaskEvent =
  | { type: "chunkStored"; chunk: Chunk; contentType: string }
  | {
      type: "transferred";
      sha256: string;
      atMs: number;
      settleAtMs: number;
      verdict: FailReason | null;
    }
  | { type: "settled"; verdict: FailReason | null }
  | { type: "creatorPosted" }
  | { type: "failed"; reason: FailReason };

export function transition(task: Task, event: TaskEvent): Task {
  switch (event.type) {
    case "chunkStored":
      return isReceiving(task) ? storeChunk(task, event.chunk, event.contentType) : task;
    case "transferred":
      if (!isUnfinished(task)) return task;
      return {
        ...task,
        sha256: event.sha256,
        transferredAtMs: event.atMs,
        settleAtMs: event.settleAtMs,
        verdict: event.verdict,
      };
    case "settled":
      if (!isProcessing(task)) return task;
      if (event.verdict !== null) return failed(task, event.verdict);
      return {
        ...task,
        status: task.kind === "direct" ? "PUBLISH_COMPLETE" : "SEND_TO_USER_INBOX",
        settleAtMs: null,
      };
    case "creatorPosted": {
      const isInbox = task.kind === "inbox";
      const isDelivered =
        task.status === "SEND_TO_USER_INBOX" || task.status === "PUBLISH_COMPLETE";
      return isInbox && isDelivered ? { ...task, status: "PUBLISH_COMPLETE" } : task;
    }
    case "failed":
      return isProcessing(task) ? failed(task, event.reason) : task;
  }
}

export function isProcessing(task: Task): boolean {
  return task.status === "PROCESSING_UPLOAD" || task.status === "PROCESSING_DOWNLOAD";
}

/** When time alone will move the task, or null when only an event can. */
export function dueAtMs(task: Task): number | null {
  if (!isProcessing(task)) return null;
  return task.settleAtMs ?? task.expiresAtMs;
}

/** Every byte is here, and what follows from that has not happened yet. */
export function isUnfinished(task: Task): boolean {
  return isReceiving(task) && task.uploadedBytes === task.totalBytes;
}

function isReceiving(task: Task): boolean {
  return task.status === "PROCESSING_UPLOAD" && task.transferredAtMs === null;
}

function storeChunk(task: Task, chunk: Chunk, contentType: string): Task {
  if (chunk.firstByte !== task.uploadedBytes) return task;
  const uploadedBytes = task.uploadedBytes + chunk.bytes;
  return { ...task, uploadedBytes, contentType, chunks: [...task.chunks, chunk] };
}

function failed(task: Task, reason: FailReason): Task {
  return { ...task, status: "FAILED", failReason: reason, settleAtMs: null };
}
