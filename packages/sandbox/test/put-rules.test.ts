import { describe, expect, it } from "vitest";
import { judgePut, type PutHead } from "../src/uploads/put-rules.ts";

// 50,000,123 bytes in chunks of 10,000,000, the first one taken.
const task = {
  status: "PROCESSING_UPLOAD",
  totalBytes: 50_000_123,
  chunkBytes: 10_000_000,
  chunkCount: 5,
  uploadedBytes: 10_000_000,
  expiresAtMs: 1000,
};
const head = {
  contentType: "video/mp4",
  contentLength: "10000000",
  contentRange: "bytes 10000000-19999999/50000123",
};
const at = { nowMs: 999, repeatedChunk: 416 } as const;

const refusals: [string, Partial<PutHead>, number][] = [
  ["a missing Content-Range", { contentRange: undefined }, 416],
  ["a malformed Content-Range", { contentRange: "bytes=10000000-19999999" }, 400],
  ["an unknown total", { contentRange: "bytes 10000000-19999999/*" }, 400],
  ["a backward range", { contentRange: "bytes 19999999-10000000/50000123" }, 400],
  ["a missing Content-Length", { contentLength: undefined }, 400],
  ["a body shorter than its range", { contentLength: "9999999" }, 400],
  ["a wrong total", { contentRange: "bytes 10000000-19999999/50000124" }, 400],
  ["a type that is no video", { contentType: "application/octet-stream" }, 400],
  ["a missing Content-Type", { contentType: undefined }, 400],
  ["a chunk out of order", { contentRange: "bytes 20000000-29999999/50000123" }, 416],
  ["a chunk already taken", { contentRange: "bytes 0-9999999/50000123" }, 416],
  [
    "a chunk of another size",
    { contentRange: "bytes 10000000-14999999/50000123", contentLength: "5000000" },
    416,
  ],
];

describe("a PUT", () => {
  it("is accepted when it is exactly the planned chunk", () => {
    expect(judgePut(task, head, at)).toEqual({
      type: "accept",
      chunk: { index: 1, firstByte: 10_000_000, lastByte: 19_999_999 },
      bytes: 10_000_000,
      contentType: "video/mp4",
    });
  });

  it("carries the remainder in the last chunk", () => {
    const last = {
      ...head,
      contentLength: "10000123",
      contentRange: "bytes 40000000-50000122/50000123",
    };
    expect(judgePut({ ...task, uploadedBytes: 40_000_000 }, last, at).type).toBe("accept");
  });

  it.each(refusals)("is refused with %s", (_, change, status) => {
    expect(judgePut(task, { ...head, ...change }, at)).toMatchObject({ type: "refuse", status });
  });

  it("is refused with 403 from the moment the URL expires", () => {
    expect(judgePut(task, head, { ...at, nowMs: 1000 })).toMatchObject({ status: 403 });
  });

  it("finds no task once it failed", () => {
    expect(judgePut({ ...task, status: "FAILED" }, head, at)).toMatchObject({ status: 404 });
  });

  it("of a chunk already taken is a repeat when the knob says so", () => {
    const repeated = { ...head, contentRange: "bytes 0-9999999/50000123" };
    expect(judgePut(task, repeated, { ...at, repeatedChunk: 206 })).toEqual({ type: "repeat" });
  });
});
