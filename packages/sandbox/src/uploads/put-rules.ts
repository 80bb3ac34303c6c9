// Judges the head of one PUT against the task it names (fact sheet §7.4, §16.4). Pure; moves no bytes.

import { nextChunk, type PlannedChunk } from "./chunk-rules.ts";

export type PutHead = {
  contentType: string | undefined;
  contentLength: string | undefined;
  contentRange: string | undefined;
};

export type PutTask = {
  status: string;
  totalBytes: number;
  chunkBytes: number;
  chunkCount: number;
  uploadedBytes: number;
  expiresAtMs: number;
};

export type PutJudgement =
  | { type: "accept"; chunk: PlannedChunk; bytes: number; contentType: string }
  | { type: "repeat" }
  | { type: "refuse"; status: 400 | 403 | 404 | 416; rule: string };

const contentTypes = ["video/mp4", "video/quicktime", "video/webm"];

export function judgePut(
  task: PutTask,
  head: PutHead,
  at: { nowMs: number; repeatedChunk: 416 | 206 },
): PutJudgement {
  if (task.status === "FAILED") return refused(404, "§7.4 the task has failed");
  if (at.nowMs >= task.expiresAtMs) return refused(403, "§7.4 upload_url expired");
  if (head.contentRange === undefined) return refused(416, "§7.4 Content-Range is missing");
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(head.contentRange);
  if (range === null) return refused(400, "§7.4 Content-Range is malformed");
  const [firstByte, lastByte, total] = range.slice(1).map(Number);
  if (firstByte === undefined || lastByte === undefined || lastByte < firstByte) {
    return refused(400, "§7.4 Content-Range is malformed");
  }
  if (head.contentType === undefined || !contentTypes.includes(head.contentType)) {
    return refused(400, "§7.4 Content-Type must be a video type");
  }
  if (head.contentLength === undefined) return refused(400, "§7.4 Content-Length is missing");
  const bytes = Number(head.contentLength);
  if (bytes !== lastByte - firstByte + 1) {
    return refused(400, "§7.4 the body's length is not the range's");
  }
  if (total !== task.totalBytes) return refused(400, "§7.4 the total is not video_size");
  if (at.repeatedChunk === 206 && lastByte < task.uploadedBytes) return { type: "repeat" };
  const chunk = nextChunk(task);
  if (chunk === null) return refused(416, "§7.4 every byte is already in");
  if (firstByte !== chunk.firstByte) return refused(416, "§7.1 chunks come in order");
  if (lastByte !== chunk.lastByte) return refused(416, "§7.1 the range is not the planned chunk");
  return { type: "accept", chunk, bytes, contentType: head.contentType };
}

function refused(status: 400 | 403 | 404 | 416, rule: string): PutJudgement {
  return { type: "refuse", status, rule };
}
