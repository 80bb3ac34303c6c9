/** Reading ahead of the wire: right values from any kind of body, in order, and no further than wanted. */
import { randomBytes } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checksumOf, createChecksums } from "../src/checksums.ts";
import { crc32, crc32Text } from "../src/crc32.ts";
import { type ByteSource, blobSource, type PartBody } from "../src/source.ts";
import { sampleOf } from "../src/verify.ts";
import { createVirtualTime } from "./virtual-time.ts";

const content = new Uint8Array(randomBytes(2_500_000));
const { signal } = new AbortController();
const { runtime } = createVirtualTime();
const turn = () => new Promise((resolve) => setImmediate(resolve));

function sourceOf(slice: (firstByte: number, bytes: number) => PartBody): ByteSource {
  const naming = { name: "clip.mp4", contentType: "video/mp4", size: content.length };
  return { ...naming, slice, isIntact: async () => true };
}

describe("checksumOf", () => {
  const part = { partNumber: 1, firstByte: 3, bytes: 2_400_001 };
  const expected = crc32Text(zlibCrc32(content.subarray(3, 2_400_004)));
  const slices: [string, (firstByte: number, bytes: number) => PartBody][] = [
    ["a Blob", (first, bytes) => blobSource(new Blob([content])).slice(first, bytes)],
    ["bytes", (first, bytes) => content.subarray(first, first + bytes)],
    [
      "a stream",
      async function* (first, bytes) {
        yield content.subarray(first, first + 1_001);
        yield content.subarray(first + 1_001, first + bytes);
      },
    ],
  ];
  it.each(slices)("reads %s", async (_name, slice) => {
    expect(await checksumOf({ source: sourceOf(slice), crc32, runtime, signal }, part)).toBe(
      expected,
    );
  });

  it("says that the file changed when it cannot be read", async () => {
    const source = sourceOf(() => {
      throw new DOMException("Changed on disk.", "NotReadableError");
    });
    await expect(checksumOf({ source, crc32, runtime, signal }, part)).rejects.toMatchObject({
      code: "file_changed",
    });
  });

  it.each([0, 70_001])(
    "reads the rest of a Blob whose stream falls silent after %i bytes",
    async (bytes) => {
      const time = createVirtualTime();
      class Silent extends Blob {
        override stream() {
          let isTold = false;
          return new ReadableStream({
            pull: async (controller) => {
              if (isTold || bytes === 0) return new Promise<void>(() => {});
              isTold = true;
              controller.enqueue(content.slice(3, 3 + bytes));
            },
            cancel: () => new Promise<void>(() => {}),
          });
        }
      }
      const blob = new Silent([content.slice(3, 2_400_004)]);
      const source = sourceOf(() => blob);
      const reading = { source, crc32, runtime: time.runtime, signal };
      const begunAtMs = time.runtime.now();
      expect(await time.run(checksumOf(reading, part))).toBe(expected);
      expect(time.runtime.now() - begunAtMs).toBe(5_000);
    },
  );

  it("reads a Blob into one small buffer", async () => {
    const buffers: number[] = [];
    const spying = (bytes: Uint8Array, value?: number) => {
      buffers.push(bytes.buffer.byteLength);
      return crc32(bytes, value);
    };
    const source = blobSource(new Blob([content]));
    await checksumOf({ source, crc32: spying, runtime, signal }, part);
    expect(new Set(buffers)).toEqual(new Set([524_288]));
  });

  it("reads a Blob whose stream fills no buffers", async () => {
    const blob = new Blob([content.subarray(3, 2_400_004)]);
    const plain = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          controller.enqueue(content.slice(3, 9));
          controller.enqueue(content.slice(9, 2_400_004));
          controller.close();
        },
      });
    const source = sourceOf(() => Object.assign(blob, { stream: plain }));
    expect(await checksumOf({ source, crc32, runtime, signal }, part)).toBe(expected);
  });

  it("lets the page have its turn after a few milliseconds of work", async () => {
    let nowMs = 0;
    const sleepsAtMs: number[] = [];
    const busy = {
      now: () => nowMs,
      sleep: async () => void sleepsAtMs.push(nowMs),
    };
    const slow = (bytes: Uint8Array, value?: number) => {
      nowMs += 2;
      return crc32(bytes, value);
    };
    const source = sourceOf(async function* () {
      for (let chunk = 0; chunk < 7; chunk += 1) yield content.subarray(chunk, chunk + 1);
    });
    await checksumOf({ source, crc32: slow, runtime: busy, signal }, part);
    expect(sleepsAtMs).toEqual([4, 8, 12]);
  });
});

describe("reading ahead", () => {
  const parts = [1, 2, 3, 4, 5].map((partNumber) => ({
    partNumber,
    firstByte: (partNumber - 1) * 10,
    bytes: 10,
  }));

  it("goes as far as wanted, and skips what is known", async () => {
    const read: number[] = [];
    const source = sourceOf((first, bytes) => {
      read.push(first / 10 + 1);
      return content.subarray(first, first + bytes);
    });
    let knownCount = 0;
    const checksums = createChecksums({ source, crc32, runtime, signal }, parts, {
      known: new Map([[2, "AAAAAA=="]]),
      readerCount: 2,
      onKnown: () => {
        knownCount += 1;
      },
      onError: (error) => expect.unreachable(String(error)),
    });
    await turn();
    expect(read).toEqual([]);
    checksums.want(3);
    await checksums.whenKnown(3, signal);
    await turn();
    expect(read).toEqual([1, 3]);
    expect(knownCount).toBe(2);
    expect(checksums.get(2)).toBe("AAAAAA==");
    expect(checksums.get(3)).toBe(crc32Text(zlibCrc32(content.subarray(20, 30))));
    expect(checksums.get(4)).toBeNull();
    checksums.want(99);
    await checksums.whenKnown(5, signal);
    expect(read).toEqual([1, 3, 4, 5]);
  });

  it("reports a file that cannot be read", async () => {
    const failed = Promise.withResolvers<unknown>();
    const source = sourceOf(() => {
      throw new Error("gone");
    });
    const readerCount = 2 as const;
    const told = { known: new Map(), readerCount, onKnown: () => {}, onError: failed.resolve };
    createChecksums({ source, crc32, runtime, signal }, parts, told).want(1);
    expect(await failed.promise).toMatchObject({ code: "file_changed" });
  });
});

describe("sampleOf", () => {
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  it("takes the first, the last and four others", () => {
    const drawn = sampleOf(numbers, () => 0.5);
    expect(drawn.slice(0, 2)).toEqual([0, 19]);
    expect(new Set(drawn).size).toBe(6);
    expect(sampleOf(numbers, () => 0.999999)).toEqual([0, 19, 18, 17, 16, 15]);
  });

  it.each([0, 1, 2, 3, 5])("takes all of %i", (count) => {
    expect(sampleOf(numbers.slice(0, count), () => 0).sort()).toEqual(numbers.slice(0, count));
  });
});
