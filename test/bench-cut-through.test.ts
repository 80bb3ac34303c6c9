/** Cut-through's prototype: segments read as one video, the arithmetic beside it, and a video that overtakes its own upload. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startChild } from "../bench/child.ts";
import { createArrivals, partNumbersOf } from "../bench/cut-through/arrivals.ts";
import { videoOf } from "../bench/cut-through/creator.ts";
import { idealSeconds, lateShare, shareInUrlLife } from "../bench/cut-through/model.ts";
import { outcomeSchema } from "../bench/cut-through/protocol.ts";
import { byteAt, sinkAddressSchema } from "../bench/relay/protocol.ts";

const bench = fileURLToPath(new URL("../bench", import.meta.url));
const timeoutMs = 120_000;
const gibibyte = 2 ** 30;
const mbit = 1e6 / 8;

interface Span {
  firstByte: number;
  lastByte: number;
}

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "clipcast-bench-test-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("parts that are objects", () => {
  const video = Buffer.from(Array.from({ length: 2_500 }, (_, index) => (index * 7) % 256));
  const partBytes = 1_000;
  const never = new AbortController().signal;

  function start({ isEndless = false } = {}) {
    const partOf = (number: number) => video.subarray((number - 1) * partBytes, number * partBytes);
    const opened: Readable[] = [];
    const reader = {
      async openRange({ key, firstByte, lastByte }: { key: string } & Span) {
        const piece = partOf(Number(key)).subarray(firstByte, lastByte + 1);
        const stream = isEndless ? new Readable({ read: () => undefined }) : Readable.from([piece]);
        if (isEndless) stream.push(piece);
        opened.push(stream);
        return Object.assign(stream, { ended: new Promise<void>(() => undefined) });
      },
    };
    const arrivals = createArrivals({ reader, partBytes: () => partBytes });
    const open = (span: Span, signal = never) =>
      arrivals.ranges.openRange({ key: "", etag: "", ...span, signal });
    const add = (number: number) =>
      arrivals.add(number, { key: String(number), etag: "", bytes: partOf(number).length });
    return { open, add, opened };
  }

  it("are read as one video across their borders, as soon as they are there", async () => {
    const { open, add, opened } = start();
    add(1);
    const reading = open({ firstByte: 900, lastByte: 2_100 }).then((stream) => buffer(stream));
    add(3);
    await new Promise(setImmediate);
    expect(opened).toEqual([]);
    add(2);
    expect(await reading).toEqual(video.subarray(900, 2_101));
  });

  it("do not hold a relay that has to stop when they never come", async () => {
    const { open, add } = start();
    add(1);
    const stop = new AbortController();
    const reading = open({ firstByte: 0, lastByte: 2_499 }, stop.signal);
    stop.abort();
    await expect(reading).rejects.toThrow();
  });

  it("leave no connection open when nobody reads to the end", async () => {
    const { open, add, opened } = start({ isEndless: true });
    for (const number of [1, 2, 3]) add(number);
    const unread = await open({ firstByte: 0, lastByte: 2_499 });
    unread.destroy();
    const begun = await open({ firstByte: 0, lastByte: 2_499 });
    for await (const _ of begun) break;
    await new Promise(setImmediate);
    expect(opened).toHaveLength(3);
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true, true]);
  });

  it("are counted from one, a range's last byte included", () => {
    expect(partNumbersOf(1_000, 0, 999)).toEqual([1]);
    expect(partNumbersOf(1_000, 999, 1_000)).toEqual([1, 2]);
  });
});

describe("the arithmetic", () => {
  const legs = { bytes: gibibyte, upBytesPerSecond: 50 * mbit, onBytesPerSecond: 200 * mbit };
  const chunkAimBytes = 63_000_000;

  it("saves what fits under the upload, and no more than the slower leg allows", () => {
    expect(idealSeconds(legs, { isCutThrough: false, chunkAimBytes })).toBeCloseTo(216.2, 1);
    expect(idealSeconds(legs, { isCutThrough: true, chunkAimBytes })).toBeCloseTo(174.3, 1);
    const fast = { ...legs, upBytesPerSecond: 1_000 * mbit };
    expect(idealSeconds(fast, { isCutThrough: true, chunkAimBytes })).toBeGreaterThan(
      gibibyte / legs.onBytesPerSecond,
    );
  });

  it("begins a late relay when the rest of both legs takes equally long", () => {
    expect(lateShare(legs)).toBe(0.75);
    expect(lateShare({ ...legs, upBytesPerSecond: 400 * mbit })).toBe(0);
  });

  it("knows which uploads outlive TikTok's hour", () => {
    expect(shareInUrlLife(legs)).toBe(1);
    const slow = { bytes: 4 * gibibyte, upBytesPerSecond: 5 * mbit };
    expect(shareInUrlLife(slow)).toBeCloseTo(0.53, 2);
  });
});

describe("bench cut-through", () => {
  it("sends the content that the sink looks for", async () => {
    const parts = videoOf(5_000_000).slice(1_999_990, 2_100_000);
    expect(parts).not.toBeInstanceOf(Blob);
    const bytes = await buffer(parts as AsyncIterable<Uint8Array>);
    expect(bytes.length).toBe(2_100_000);
    for (const at of [0, 1_048_575, 1_048_576, 2_099_999]) {
      expect(bytes[at]).toBe(byteAt(1_999_990 + at));
    }
  });

  it(
    "brings a video to TikTok that is still on its way to storage",
    async () => {
      const bytes = 24 * 2 ** 20;
      const sink = await startChild({
        path: join(bench, "relay", "sink.ts"),
        input: { answerMs: 0, bytesPerSecond: null },
        answer: sinkAddressSchema,
      });
      const uploadUrl = `${sink.answer.url}/one`;
      const way = { isCutThrough: true, storedShareAtStart: 0, chunkAimBytes: 10_000_000 };
      const link = { bytesPerSecond: 60e6, roundTripMs: 5, cutShare: 0 };
      const video = await startChild({
        path: join(bench, "cut-through", "video.ts"),
        input: { dir, bytes, uploadUrl, ...way, firstByteMs: 1, link },
        answer: outcomeSchema,
      });
      const arrived = await (await fetch(uploadUrl)).json();
      await Promise.all([video.stop(), sink.stop()]);
      expect(arrived).toEqual({ receivedBytes: bytes, chunks: 3, strayReads: 0 });
      // Five parts and their listing; three chunks, two of which begin in the middle of a part.
      expect(video.answer).toMatchObject({ chunks: 3, s3Writes: 6, s3Reads: 7 });
    },
    timeoutMs,
  );
});
