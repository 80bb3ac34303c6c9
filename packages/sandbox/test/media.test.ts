import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectMedia, judgeMedia, type MediaFacts } from "../src/media.ts";
import { parseRange } from "../src/pages/public.ts";
import { temporaryDir } from "./harness.ts";
import { makeVideo } from "./video.ts";

function inspect(bytes: Buffer) {
  const path = join(temporaryDir(), "video");
  writeFileSync(path, bytes);
  return inspectMedia(path);
}

describe("a video's facts", () => {
  it.each([false, true])("are read with the movie header at the end: %s", async (isMovieLast) => {
    const video = makeVideo({
      seconds: 4,
      width: 1080,
      height: 1920,
      framesPerSec: 25,
      isMovieLast,
    });
    expect(await inspect(video)).toEqual({
      container: "mp4",
      durationSec: 4,
      width: 1080,
      height: 1920,
      framesPerSec: 25,
    });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("this is not a video at all")],
    ["an MP4 without a movie header", makeVideo().subarray(0, 24)],
    ["an MP4 cut off in its movie header", makeVideo().subarray(0, 200)],
  ])("are none for %s", async (_, bytes) => {
    expect(await inspect(bytes)).toBeNull();
  });

  it("of a WebM stay unknown", async () => {
    const facts = await inspect(Buffer.from("1a45dfa3000000000000", "hex"));
    expect(facts).toMatchObject({ container: "webm", durationSec: null });
  });
});

describe("processing", () => {
  const good: MediaFacts = {
    container: "mp4",
    durationSec: 600.4,
    width: 360,
    height: 4096,
    framesPerSec: 59.94,
  };
  const limits = { durationSecMax: 600, depth: "full" } as const;

  it.each([
    [{}, null],
    [{ durationSec: 601 }, "duration_check_failed"],
    [{ width: 359 }, "picture_size_check_failed"],
    [{ height: 4097 }, "picture_size_check_failed"],
    [{ framesPerSec: 22.4 }, "frame_rate_check_failed"],
    [{ framesPerSec: 120 }, "frame_rate_check_failed"],
    [{ framesPerSec: null, durationSec: null, width: null, height: null }, null],
  ] as const)("judges %o as %s", (change, verdict) => {
    expect(judgeMedia({ ...good, ...change }, limits)).toBe(verdict);
  });

  it("looks no further than the container when told so", () => {
    expect(judgeMedia({ ...good, width: 1 }, { ...limits, depth: "container" })).toBeNull();
    expect(judgeMedia(null, { ...limits, depth: "container" })).toBe("file_format_check_failed");
  });
});

describe("a range of a video", () => {
  it.each([
    [undefined, null],
    ["bytes=0-", { first: 0, last: 99 }],
    ["bytes=10-19", { first: 10, last: 19 }],
    ["bytes=90-500", { first: 90, last: 99 }],
    ["bytes=-5", { first: 95, last: 99 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=5-4", "unsatisfiable"],
    ["bytes=0-1,5-6", null],
  ])("%s of 100 bytes is %o", (header, range) => {
    expect(parseRange(header, 100)).toEqual(range);
  });
});
