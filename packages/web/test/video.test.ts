/** Containers by their first bytes, and the checks before a byte is sent. */
import { describe, expect, it } from "vitest";
import { containerOf, unknownFacts, videoProblem } from "../src/model/video.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("containerOf", () => {
  it.each([
    ["\0\0\0\x20ftypisom", "video/mp4"],
    ["\0\0\0\x20ftypmp42", "video/mp4"],
    ["\0\0\0\x14ftypqt  ", "video/quicktime"],
    ["\0\0\x10\0moov....", "video/quicktime"],
    ["\x1a\x45\xdf\xa3........", "video/webm"],
    ["RIFF....AVI ", null],
    ["%PDF-1.7....", null],
    ["", null],
  ])("%j is %s", (head, type) => {
    expect(containerOf(bytes(head))).toBe(type);
  });
});

describe("videoProblem", () => {
  const limits = {
    maxFileBytes: 1000,
    contentTypes: ["video/mp4", "video/quicktime", "video/webm"],
    maxDurationSec: 600,
  };
  const video = { bytes: 1000, contentType: "video/mp4", facts: unknownFacts };
  const facts = { durationMs: 600_000, width: 360, height: 4096, framesPerSecond: 60.02 };

  it("finds none at the very limits, nor in what the browser cannot tell", () => {
    expect(videoProblem(video, limits)).toBeNull();
    expect(videoProblem({ ...video, facts }, limits)).toBeNull();
  });

  it.each([
    [{ bytes: 0 }, "empty"],
    [{ bytes: 1001 }, "too_large"],
    [{ contentType: null }, "unsupported"],
    [{ contentType: "video/x-msvideo" }, "unsupported"],
    [{ facts: { ...facts, durationMs: 600_001 } }, "too_long"],
    [{ facts: { ...facts, width: 359 } }, "picture"],
    [{ facts: { ...facts, height: 4097 } }, "picture"],
    [{ facts: { ...facts, framesPerSecond: 22.4 } }, "frame_rate"],
    [{ facts: { ...facts, framesPerSecond: 61 } }, "frame_rate"],
  ])("%o is %s", (change, type) => {
    expect(videoProblem({ ...video, ...change }, limits)?.type).toBe(type);
  });

  it("finds no fault with a phone whose rate wavers around the least", () => {
    const slow = { ...video, facts: { ...facts, framesPerSecond: 22.98 } };
    expect(videoProblem(slow, limits)).toBeNull();
  });

  it("finds no length too long while the account's limit is not known", () => {
    const long = { ...video, facts: { ...facts, durationMs: 3_600_000 } };
    expect(videoProblem(long, { ...limits, maxDurationSec: null })).toBeNull();
  });
});
