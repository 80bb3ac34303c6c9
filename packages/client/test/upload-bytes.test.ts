/** That the right bytes arrive: checksums on every part, damage told from change, and the same file after a break. */
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../src/source.ts";
import { createUpload } from "../src/upload.ts";
import { createFake, type FakeOptions, goal } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;

function begin(options: Partial<FakeOptions> = {}, change: Partial<ByteSource> = {}) {
  const time = createVirtualTime();
  const fake = createFake(time, { fileBytes: 20 * MB, partBytes: MB, ...options });
  const source = { ...fake.source, ...change };
  const upload = createUpload(fake.api, source, goal, { ...fake, runtime: time.runtime });
  return { time, fake, upload };
}

describe("bytes that change", () => {
  it("on the way are sent again", async () => {
    const badDigest = { status: 400, code: "BadDigest", retryAfterMs: null };
    const { time, fake, upload } = begin({
      onPut: (part, attempt) => (part === 4 && attempt <= 2 ? badDigest : null),
    });
    await time.run(upload.done);
    expect(fake.puts.filter((put) => put.partNumber === 4)).toHaveLength(3);
    expect(upload.state.progress.resentBytes).toBe(MB);
  });

  it("in the file, after it was read for its checksum, end the upload", async () => {
    const { fake } = begin();
    let readCount = 0;
    const slice: ByteSource["slice"] = (firstByte, bytes) => {
      if (firstByte !== 6 * MB) return fake.source.slice(firstByte, bytes);
      readCount += 1;
      return Uint8Array.of(readCount === 1 ? 1 : 2);
    };
    const { time, upload, fake: other } = begin({ firstBatch: 0 }, { slice });
    await expect(time.run(upload.done)).rejects.toMatchObject({
      code: "file_changed",
      isRetryable: false,
    });
    expect(other.stored.has(7)).toBe(false);
    expect(other.state.isComplete).toBe(false);
  });
});

describe("a resumed file", () => {
  const resumed = { publicationId: "publication-1" };

  async function interrupted() {
    const { time, fake, upload } = begin({ linkBytesPerMs: 1_000 });
    await time.advance(12_000);
    upload.abort();
    await time.advance(0);
    expect(fake.stored.size).toBeGreaterThan(5);
    fake.puts.length = 0;
    return { time, fake };
  }

  it("of the same length but with other bytes is refused before a byte is sent", async () => {
    const { time, fake } = await interrupted();
    const other = { ...fake.source, slice: () => Uint8Array.of(9, 9, 9) };
    const settings = { ...fake, runtime: time.runtime };
    const upload = createUpload(fake.api, other, resumed, settings);
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "file_changed" });
    expect(fake.puts).toHaveLength(0);
  });

  it.each(["first", "last"])("is refused when only its %s stored part differs", async (which) => {
    const { time, fake } = await interrupted();
    const numbers = [...fake.stored.keys()].sort((a, b) => a - b);
    const differing = (which === "first" ? numbers[0] : numbers.at(-1)) ?? 0;
    const slice: ByteSource["slice"] = (firstByte, bytes) =>
      firstByte === (differing - 1) * MB ? Uint8Array.of(0) : fake.source.slice(firstByte, bytes);
    const other = { ...fake.source, slice };
    const settings = { ...fake, runtime: time.runtime };
    const upload = createUpload(fake.api, other, resumed, settings);
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "file_changed" });
  });

  it("that is the same goes on", async () => {
    const { time, fake } = await interrupted();
    const before = fake.stored.size;
    const settings = { ...fake, runtime: time.runtime };
    await time.run(createUpload(fake.api, fake.source, resumed, settings).done);
    expect(fake.puts).toHaveLength(20 - before);
  });
});

describe("bytes sent twice", () => {
  it("are counted, and are at most what was under way when the network was cut", async () => {
    const { time, fake, upload } = begin({ fileBytes: 100 * MB, linkBytesPerMs: 1_000 });
    await time.advance(30_500);
    time.setOnline(false);
    await time.advance(1_000);
    const { resentBytes } = upload.state.progress;
    expect(resentBytes).toBeGreaterThan(0);
    expect(resentBytes).toBeLessThanOrEqual(6 * MB);
    time.setOnline(true);
    await time.run(upload.done);
    expect(upload.state.progress.resentBytes).toBe(resentBytes);
    expect(fake.puts.length - 100).toBeLessThanOrEqual(6);
  });

  it("are none in an undisturbed upload", async () => {
    const { time, upload } = begin();
    await time.run(upload.done);
    expect(upload.state.progress.resentBytes).toBe(0);
  });
});

describe("signing", () => {
  it("is done in init for what was read before it, when the plan is the one proposed", async () => {
    const { time, fake, upload } = begin({ fileBytes: 60 * MB, partBytes: 5 * 2 ** 20 });
    await time.run(upload.done);
    const init = fake.calls.find(({ route }) => route.endsWith("upload-init"));
    const { plan } = (init?.body ?? {}) as { plan?: { partBytes: number; crc32s: string[] } };
    expect(plan?.partBytes).toBe(5 * 2 ** 20);
    // Enough to begin with; the rest is read meanwhile.
    expect(plan?.crc32s.length).toBeGreaterThanOrEqual(4);
    expect(plan?.crc32s.length).toBeLessThan(12);
    expect(fake.calls.filter(({ route }) => route.endsWith("upload-chunk"))).toEqual([]);
  });
});
