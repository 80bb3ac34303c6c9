import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { builtInVideo, growVideo } from "../../src/demo/video.ts";
import { makeVideo, videoBytesMin } from "../../src/load/video.ts";

const bytes = 3_500_000;
const video = (number: number) => makeVideo({ name: "v", number, bytes });

async function read(number: number, firstByte: number, count: number): Promise<Buffer> {
  const body = video(number).source.slice(firstByte, count);
  if (body instanceof Uint8Array || body instanceof Blob) throw new Error("it is a stream");
  return buffer(body);
}

it("is the same however it is read, and has the digest that it says", async () => {
  const whole = await read(1, 0, bytes);
  expect(whole).toHaveLength(bytes);
  expect(createHash("sha256").update(whole).digest("hex")).toBe(await video(1).sha256());
  const edges = [0, 5, videoBytesMin() - 3, videoBytesMin() + 7, 2_000_001, bytes - 1, bytes];
  const pieces = edges.slice(1).map((end, n) => read(1, edges[n] ?? 0, end - (edges[n] ?? 0)));
  expect(Buffer.concat(await Promise.all(pieces)).equals(whole)).toBe(true);
});

it("differs from every other video, in every place", async () => {
  const blockBytes = 1024 * 1024;
  expect(await video(1).sha256()).not.toBe(await video(2).sha256());
  const places = [0, 1, 2].map((block) =>
    read(1, videoBytesMin() + block * blockBytes, blockBytes),
  );
  const [first, second] = await Promise.all(places);
  expect(first?.equals(second ?? Buffer.alloc(0))).toBe(false);
  const other = await read(2, videoBytesMin() + blockBytes, blockBytes);
  expect(second?.equals(other)).toBe(false);
});

it("is a video with a box to skip, like the demo's", async () => {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-video-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const targetPath = join(dir, "video.mp4");
  await growVideo({
    sourcePath: builtInVideo,
    targetPath,
    totalBytes: bytes,
    onBytes: () => undefined,
  });
  const grown = await readFile(targetPath);
  const head = videoBytesMin();
  expect((await read(1, 0, head)).equals(grown.subarray(0, head))).toBe(true);
  expect(() => makeVideo({ name: "v", number: 1, bytes: 10 }).source.slice(0, 1)).not.toThrow();
  await expect(makeVideo({ name: "v", number: 1, bytes: 10 }).sha256()).rejects.toThrow(RangeError);
});
