/** Parts that storage has although nobody said so: asked for before they are sent again, and sent when nobody can tell. */
import { describe, expect, it } from "vitest";
import { createUpload, type UploadSettings } from "../src/upload.ts";
import { createFake, type FakeOptions, goal, type PutFault } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;
const lookup = "POST /api/tiktok/upload-parts";

function begin(options: Partial<FakeOptions>, settings: UploadSettings = {}) {
  const time = createVirtualTime();
  const fake = createFake(time, { fileBytes: 20 * MB, partBytes: MB, ...options });
  const upload = createUpload(fake.api, fake.source, goal, {
    ...fake,
    runtime: time.runtime,
    ...settings,
  });
  const putCount = (part: number) => fake.puts.filter((put) => put.partNumber === part).length;
  const lookupCount = () => fake.calls.filter((call) => call.route === lookup).length;
  return { time, fake, upload, putCount, lookupCount };
}

/** Parts 5 and 6 meet this once. */
const once = (fault: PutFault) => (part: number, attempt: number) =>
  (part === 5 || part === 6) && attempt === 1 ? fault : null;

describe("a part whose answer was lost", () => {
  it("is not sent again", async () => {
    const { time, fake, upload } = begin({ onPut: once("lost answer") });
    const { progress } = await time.run(upload.done);
    expect(progress.storedBytes).toBe(20 * MB);
    expect(fake.puts).toHaveLength(20);
    expect(upload.state.progress.confirmedBytes).toBe(20 * MB);
  });

  it("is sent again when the backend cannot say", async () => {
    for (const fault of [
      "network",
      { status: 500 },
      { status: 401, code: "signed_out" },
    ] as const) {
      const { time, fake, upload, lookupCount } = begin({
        onPut: once("lost answer"),
        onCall: (route) => (route === lookup ? fault : null),
      });
      await time.run(upload.done);
      expect(lookupCount()).toBeGreaterThan(0);
      expect(fake.puts).toHaveLength(22);
    }
  });

  it("is sent again when storage has other bytes under its number", async () => {
    const { time, fake, upload, putCount } = begin({
      onPut: once("lost answer"),
      onCall: () => {
        const part = fake.stored.get(5);
        if (part !== undefined && putCount(5) === 1) part.crc32 = "AAAAAA==";
        return null;
      },
    });
    await time.run(upload.done);
    expect([putCount(5), putCount(6)]).toEqual([2, 1]);
  });

  it("is not asked for when it never left whole", async () => {
    const { time, upload, lookupCount } = begin({ onPut: once("network") });
    await time.run(upload.done);
    expect(lookupCount()).toBe(0);
  });
});

describe("parts that a pause interrupts", () => {
  it("between storage's yes and its arrival are not sent again, and one call asks for all", async () => {
    const { time, fake, upload, lookupCount } = begin({ onPut: once("late answer") });
    await time.advance(5_000);
    upload.pause();
    await time.advance(5_000);
    upload.resume();
    await time.run(upload.done);
    expect(fake.puts).toHaveLength(20);
    expect(lookupCount()).toBe(1);
  });

  it("wait no longer than a few seconds for a backend that is silent", async () => {
    const { time, fake, upload } = begin({ onPut: once("late answer") });
    await time.advance(5_000);
    upload.pause();
    const { api } = fake;
    api.parts = (_id, to) =>
      new Promise((_, reject) => {
        to?.signal?.addEventListener("abort", () => reject(to.signal?.reason));
      });
    upload.resume();
    await time.advance(4_900);
    expect(fake.puts).toHaveLength(20);
    await time.advance(200);
    expect(fake.puts).toHaveLength(22);
    await time.run(upload.done);
  });

  it("stop asking when the upload is aborted", async () => {
    const { time, fake, upload } = begin({ onPut: once("late answer") });
    await time.advance(5_000);
    upload.pause();
    upload.resume();
    await time.advance(1);
    upload.abort();
    await expect(time.run(upload.done)).rejects.toThrow("aborted");
    expect(fake.puts).toHaveLength(20);
  });
});
