/** The hands on an upload: pause, resume, abort, and coming back to one that was begun before. */
import { describe, expect, it } from "vitest";
import { createClient } from "../src/index.ts";
import { createSlots } from "../src/slots.ts";
import { createUpload } from "../src/upload.ts";
import { createFake, goal } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;
/** 100 MB at 1 MB/s. */
const slow = { fileBytes: 100 * MB, partBytes: MB, linkBytesPerMs: 1_000 };

describe("pause", () => {
  it("stops every byte at once and goes on where it was", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    const upload = createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime });
    await time.advance(20_500);
    upload.pause();
    expect(upload.state.status).toBe("paused");
    await time.advance(0);
    expect(fake.state.activeCount).toBe(0);

    const sentCount = fake.puts.length;
    await time.advance(3_600_000);
    expect(fake.puts).toHaveLength(sentCount);

    upload.resume();
    expect(upload.state.status).toBe("uploading");
    await time.run(upload.done);
    expect(fake.stored.size).toBe(100);
    expect(fake.puts.length).toBeLessThanOrEqual(106);
  });

  it("does not count as a failed attempt", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, { ...slow, fileBytes: 2 * MB });
    const retry = { attemptsMax: 1, baseMs: 1, capMs: 1 };
    const settings = { ...fake, runtime: time.runtime, retry };
    const upload = createUpload(fake.api, fake.source, goal, settings);
    for (let turn = 0; turn < 5; turn += 1) {
      await time.advance(200);
      upload.pause();
      await time.advance(200);
      upload.resume();
    }
    await time.run(upload.done);
    expect(fake.stored.size).toBe(2);
  });

  it("before the first answer holds the parts back", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    const upload = createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime });
    upload.pause();
    await time.advance(10_000);
    expect(fake.puts).toHaveLength(0);
    expect(upload.state.publicationId).toBe("publication-1");
    expect(upload.state.publication?.status).toBe("uploading");
    upload.resume();
    await time.run(upload.done);
  });
});

describe("abort", () => {
  it.each(["by the handle", "by the signal"])(
    "%s ends everything and completes nothing",
    async (how) => {
      const time = createVirtualTime();
      const fake = createFake(time, slow);
      const outside = new AbortController();
      const settings = { ...fake, runtime: time.runtime, signal: outside.signal };
      const upload = createUpload(fake.api, fake.source, goal, settings);
      await time.advance(10_000);
      if (how === "by the handle") upload.abort();
      else outside.abort();
      await expect(time.run(upload.done)).rejects.toMatchObject({ name: "AbortError" });
      expect(upload.state).toMatchObject({ status: "aborted", error: null });
      expect(fake.state.activeCount).toBe(0);
      const callCount = fake.calls.length;
      await time.advance(60_000);
      expect(fake.calls).toHaveLength(callCount);
      expect(fake.calls.map((call) => call.route)).not.toContain(
        "POST /api/tiktok/upload-complete",
      );
    },
  );

  it("while paused ends it too", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    const upload = createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime });
    await time.advance(5_000);
    upload.pause();
    await time.advance(5_000);
    upload.abort();
    await expect(time.run(upload.done)).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("coming back", () => {
  it("sends only what storage lacks", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    const settings = { ...fake, runtime: time.runtime };
    const first = createUpload(fake.api, fake.source, goal, settings);
    await time.advance(50_000);
    first.abort();
    await time.advance(0);
    const storedBefore = new Set(fake.stored.keys());
    expect(storedBefore.size).toBeGreaterThan(40);
    fake.puts.length = 0;

    const publicationId = first.state.publicationId ?? "";
    const second = createUpload(fake.api, fake.source, { publicationId }, settings);
    await time.advance(100);
    expect(second.state.progress.confirmedBytes).toBe(storedBefore.size * MB);
    await time.run(second.done);
    expect(fake.puts).toHaveLength(100 - storedBefore.size);
    expect(fake.puts.filter((put) => storedBefore.has(put.partNumber))).toEqual([]);
  });

  it("answers the publication when it was completed meanwhile", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    fake.state.isComplete = true;
    const resumed = { publicationId: "publication-1" };
    const settings = { ...fake, runtime: time.runtime };
    const upload = createUpload(fake.api, fake.source, resumed, settings);
    expect((await time.run(upload.done)).status).toBe("queued");
    expect(fake.puts).toHaveLength(0);
  });

  it("refuses a file of another size before a byte is sent", async () => {
    const time = createVirtualTime();
    const fake = createFake(time, slow);
    const other = { ...fake.source, size: 98 * MB };
    const resumed = { publicationId: "publication-1" };
    const upload = createUpload(fake.api, other, resumed, { ...fake, runtime: time.runtime });
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "file_mismatch" });
    expect(fake.puts).toHaveLength(0);
  });
});

describe("the uploads of a client", () => {
  it("share one link: never more than six parts at once, and both files move", async () => {
    const time = createVirtualTime();
    const fakes = [createFake(time, slow), createFake(time, slow)] as const;
    const client = createClient({ baseUrl: "https://app.test", fetch: fakes[0].fetch, ...time });
    const active = () => fakes.map((fake) => fake.state.activeCount);
    const uploads = fakes.map((fake) =>
      client.upload(fake.source, { ...goal, transport: fake.transport }),
    );
    let activeMax = 0;
    for (let second = 0; second < 60; second += 1) {
      await time.advance(1_000);
      const [first = 0, other = 0] = active();
      activeMax = Math.max(activeMax, first + other);
      if (second > 20) expect(Math.abs(first - other)).toBeLessThanOrEqual(2);
    }
    expect(activeMax).toBeGreaterThanOrEqual(4);
    expect(activeMax).toBeLessThanOrEqual(6);
    for (const upload of uploads) upload.abort();
    await time.advance(0);
  });
});

describe("shared slots", () => {
  it("bound what several uploads have on the wire together, and may be changed on the way", async () => {
    const time = createVirtualTime();
    const slots = createSlots(4);
    const fakes = [createFake(time, slow), createFake(time, slow)];
    const active = () => fakes.reduce((sum, fake) => sum + fake.state.activeCount, 0);
    const uploads = fakes.map((fake) =>
      createUpload(fake.api, fake.source, goal, { ...fake, runtime: time.runtime, slots }),
    );
    await time.advance(5_000);
    expect(active()).toBe(4);
    slots.limit = 2;
    await time.advance(10_000);
    expect(active()).toBeLessThanOrEqual(2);
    slots.limit = 6;
    await time.advance(1_000);
    expect(active()).toBe(6);
    for (const upload of uploads) await time.run(upload.done);
  });
});
