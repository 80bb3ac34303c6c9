/** An undisturbed upload: everything arrives once, in few requests, at the speed of the link. */
import { describe, expect, it } from "vitest";
import type { UploadState } from "../src/board.ts";
import { createUpload } from "../src/upload.ts";
import { createFake, goal } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;

describe("an undisturbed upload", () => {
  it("sends every part exactly once and completes", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, { fileBytes: 10 * MB + 1, partBytes: MB });
    const upload = createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime });
    const done = await time.run(upload.done);
    expect(done.status).toBe("queued");
    expect(fake.puts.map((put) => put.partNumber).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 11 }, (_, index) => index + 1),
    );
    expect(fake.stored.get(11)?.bytes).toBe(1);
    expect(upload.state).toMatchObject({ status: "done", publicationId: "publication-1" });
    expect(upload.state.progress).toMatchObject({
      sentBytes: 10 * MB + 1,
      confirmedBytes: 10 * MB + 1,
    });
  });

  it("says in init what the file is and how long it plays", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, { fileBytes: 5, partBytes: MB });
    const told = { ...goal, durationMs: 61_000, idempotencyKey: "mine" };
    await time.run(
      createUpload(fake.api, fake.source, told, { ...fake, runtime: time.runtime }).done,
    );
    expect(fake.calls[0]?.body).toEqual({
      ...goal,
      file: { name: "clip.mp4", contentType: "video/mp4", bytes: 5, durationMs: 61_000 },
      plan: { partBytes: 5 * 2 ** 20, crc32s: [expect.stringMatching(/^\S{6}==$/)] },
    });
    expect([...fake.initKeys]).toContain("mine");
  });

  it.each([
    { parts: 1, firstBatch: 100 },
    { parts: 100, firstBatch: 100 },
    { parts: 101, firstBatch: 100 },
    { parts: 1_000, firstBatch: 100 },
    { parts: 1_000, firstBatch: 7 },
    { parts: 350, firstBatch: 0 },
  ])("signs $parts parts in few requests after $firstBatch from init", async (given) => {
    const time = createVirtualTime();
    const { parts, firstBatch } = given;
    const fake = createFake(time, { fileBytes: parts * 1000, partBytes: 1000, firstBatch });
    await time.run(
      createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime }).done,
    );
    const requests = fake.calls.filter((call) => call.route.startsWith("PUT"));
    expect(requests).toHaveLength(Math.ceil(Math.max(0, parts - firstBatch) / 100));
    expect(fake.state.signCount).toBe(parts);
    expect(requests.length).toBeLessThanOrEqual(parts / 100 + 1);
  });

  it("fills at least 0.95 of the link, in spite of latency and signing", async () => {
    const time = createVirtualTime();
    const linkBytesPerMs = 12_500;
    const fileBytes = 4_000 * MB;
    const fake = createFake(time, {
      fileBytes,
      partBytes: 16 * MB,
      firstBatch: 20,
      linkBytesPerMs,
      latencyMs: 120,
    });
    const startMs = time.runtime.now();
    await time.run(
      createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime }).done,
    );
    const idealMs = fileBytes / linkBytesPerMs;
    expect(idealMs / (time.runtime.now() - startMs)).toBeGreaterThan(0.95);
  });

  it("keeps as many parts on the wire as it was told, and no more", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, { fileBytes: 40 * MB, partBytes: MB, linkBytesPerMs: 1000 });
    const settings = { ...fake, runtime: time.runtime, concurrency: 3 };
    await time.run(createUpload(fake.api, fake.source, goal, settings).done);
    expect(fake.state.activeCountMax).toBe(3);
  });

  it("reports progress that never goes back, and the speed of the link", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, {
      fileBytes: 400 * MB,
      partBytes: 8 * MB,
      linkBytesPerMs: 5_000,
      onPut: (partNumber, attempt) => (partNumber % 7 === 0 && attempt === 1 ? "network" : null),
    });
    const upload = createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime });
    const states: UploadState[] = [];
    upload.subscribe((state) => states.push(state));
    await time.run(upload.done);

    const sent = states.map((state) => state.progress.sentBytes);
    const confirmed = states.map((state) => state.progress.confirmedBytes);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(confirmed).toEqual([...confirmed].sort((a, b) => a - b));
    for (const { progress } of states) {
      expect(progress.confirmedBytes).toBeLessThanOrEqual(progress.sentBytes);
      expect(progress.sentBytes).toBeLessThanOrEqual(progress.totalBytes);
    }
    const middle = states.at(Math.floor(states.length / 2))?.progress;
    expect(middle?.bytesPerSecond).toBeGreaterThan(4.5 * MB);
    expect(middle?.bytesPerSecond).toBeLessThan(5.1 * MB);
    expect(states.map((state) => state.status)).toContain("completing");
  });
});
