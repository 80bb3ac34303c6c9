// The arithmetic of chunked uploads (fact sheet §7.1, §16.3): which source_info is acceptable, and which
// range each PUT must carry. Pure; the megabyte's length is a knob because TikTok never said.

import type { MbReading } from "../knobs.ts";

export type SourceSizes = { videoBytes: number; chunkBytes: number; chunkCount: number };

export type ChunkFault = { message: string; rule: string };

export const chunkCountMax = 1000;

const chunkLimitsByReading: Record<MbReading, { minBytes: number; maxBytes: number }> = {
  decimal: { minBytes: 5_000_000, maxBytes: 64_000_000 },
  binary: { minBytes: 5 * 2 ** 20, maxBytes: 64 * 2 ** 20 },
  strict: { minBytes: 5 * 2 ** 20, maxBytes: 64_000_000 },
};

const sizeMessage = "The chunk size is invalid";
const countMessage = "The total chunk count is invalid";

/** null: acceptable. */
export function judgeSourceSizes(sizes: SourceSizes, reading: MbReading): ChunkFault | null {
  const { minBytes, maxBytes } = chunkLimitsByReading[reading];
  const { videoBytes, chunkBytes, chunkCount } = sizes;
  if (chunkBytes > videoBytes) {
    return { message: sizeMessage, rule: "§7.1 chunk_size exceeds video_size" };
  }
  if (chunkCount === 1) {
    if (chunkBytes !== videoBytes) {
      return { message: sizeMessage, rule: "§7.1 with one chunk, chunk_size is video_size" };
    }
    if (videoBytes > maxBytes) {
      return { message: sizeMessage, rule: "§7.1 a file over 64 MB needs several chunks" };
    }
    return null;
  }
  if (chunkBytes < minBytes) return { message: sizeMessage, rule: "§7.1 chunk_size under 5 MB" };
  if (chunkBytes > maxBytes) return { message: sizeMessage, rule: "§7.1 chunk_size over 64 MB" };
  if (chunkCount !== Math.floor(videoBytes / chunkBytes)) {
    return { message: countMessage, rule: "§7.1 count is floor(video_size / chunk_size)" };
  }
  if (chunkCount > chunkCountMax) {
    return { message: countMessage, rule: `§7.1 at most ${chunkCountMax} chunks` };
  }
  return null;
}

export type PlannedChunk = { index: number; firstByte: number; lastByte: number };

/** The chunk that must come next, or null when all bytes are in. The last one carries the remainder. */
export function nextChunk(task: {
  totalBytes: number;
  chunkBytes: number;
  chunkCount: number;
  uploadedBytes: number;
}): PlannedChunk | null {
  if (task.uploadedBytes >= task.totalBytes) return null;
  const index = task.uploadedBytes / task.chunkBytes;
  const isLast = index === task.chunkCount - 1;
  const firstByte = task.uploadedBytes;
  return {
    index,
    firstByte,
    lastByte: isLast ? task.totalBytes - 1 : firstByte + task.chunkBytes - 1,
  };
}
