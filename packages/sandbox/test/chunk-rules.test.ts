import { describe, expect, it } from "vitest";
import { judgeSourceSizes, nextChunk } from "../src/uploads/chunk-rules.ts";

const size = "The chunk size is invalid";
const count = "The total chunk count is invalid";
const MiB = 2 ** 20;

type Row = [
  video: number,
  chunk: number,
  chunks: number,
  strict: string | null,
  decimal: string | null,
  binary: string | null,
];

const rows: Row[] = [
  [1, 1, 1, null, null, null],
  [4_999_999, 4_999_999, 1, null, null, null],
  [5_000_000, 5_000_000, 1, null, null, null],
  [2_000_000, 10_000_000, 1, size, size, size],
  // The field's classic: a fixed 10 MB chunk for 10–20 MB files.
  [15_000_000, 10_000_000, 1, size, size, size],
  [15_000_000, 15_000_000, 1, null, null, null],
  [30_567_100, 30_567_100, 1, null, null, null],
  [64_000_000, 64_000_000, 1, null, null, null],
  [64_000_001, 64_000_001, 1, size, size, null],
  [64_000_001, 64_000_000, 1, size, size, size],
  [64_000_001, 10_000_000, 6, null, null, null],
  [64 * MiB, 64 * MiB, 1, size, size, null],
  [64 * MiB + 1, 64 * MiB + 1, 1, size, size, size],
  [128_000_000, 64_000_000, 2, null, null, null],
  [2 * 64 * MiB, 64 * MiB, 2, size, size, null],
  // The chunk floor: 5,000,000 and 5,242,880.
  [20_000_000, 4_999_999, 4, size, size, size],
  [20_000_000, 5_000_000, 4, size, null, size],
  [20_000_000, 5 * MiB - 1, 3, size, null, size],
  [20_000_000, 5 * MiB, 3, null, null, null],
  // The documented example, and both wrong counts.
  [50_000_123, 10_000_000, 5, null, null, null],
  [50_000_123, 10_000_000, 6, count, count, count],
  [50_000_123, 10_000_000, 4, count, count, count],
  [158_008_374, 5 * MiB, 30, null, null, null],
  [4 * 2 ** 30, 10_000_000, 429, null, null, null],
  [10_010_000_000, 10_000_000, 1001, count, count, count],
  [60_000_000_000, 60_000_000, 1000, null, null, null],
];

describe("source_info sizes", () => {
  it.each(rows)(
    "judges %i bytes in chunks of %i, count %i",
    (video, chunk, chunks, strict, decimal, binary) => {
      const sizes = { videoBytes: video, chunkBytes: chunk, chunkCount: chunks };
      const judged = (["strict", "decimal", "binary"] as const).map(
        (reading) => judgeSourceSizes(sizes, reading)?.message ?? null,
      );
      expect(judged).toEqual([strict, decimal, binary]);
    },
  );

  it("names the rule that a refusal enforces", () => {
    const sizes = { videoBytes: 50_000_123, chunkBytes: 10_000_000, chunkCount: 6 };
    expect(judgeSourceSizes(sizes, "strict")?.rule).toBe(
      "§7.1 count is floor(video_size / chunk_size)",
    );
  });
});

describe("the next chunk", () => {
  it.each([
    [50_000_123, 10_000_000, 5, 10_000_123],
    [157_286_400, 10_000_000, 15, 17_286_400],
    [4_294_967_296, 10_000_000, 429, 14_967_296],
    [7, 7, 1, 7],
  ])("walks %i bytes without gap or overlap", (totalBytes, chunkBytes, chunkCount, lastBytes) => {
    let uploadedBytes = 0;
    let last = 0;
    for (let index = 0; index < chunkCount; index += 1) {
      const chunk = nextChunk({ totalBytes, chunkBytes, chunkCount, uploadedBytes });
      expect(chunk).toMatchObject({ index, firstByte: uploadedBytes });
      last = (chunk?.lastByte ?? 0) - uploadedBytes + 1;
      uploadedBytes += last;
    }
    expect(last).toBe(lastBytes);
    expect(nextChunk({ totalBytes, chunkBytes, chunkCount, uploadedBytes })).toBeNull();
  });
});
