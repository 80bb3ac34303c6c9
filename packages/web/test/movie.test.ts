/** Facts out of an MP4 itself: built box by box, and the demo's own video. */
import { openAsBlob } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readMovie } from "../src/model/movie.ts";
import { unknownFacts } from "../src/model/video.ts";

const bytesOf = (...parts: (number[] | Uint8Array)[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const u32 = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const u64 = (value: number) => [...u32(Math.floor(value / 2 ** 32)), ...u32(value >>> 0)];
const text = (word: string) => [...word].map((letter) => letter.charCodeAt(0));
const zeros = (count: number) => new Array<number>(count).fill(0);
const box = (type: string, ...parts: (number[] | Uint8Array)[]) => {
  const body = bytesOf(...parts);
  return bytesOf(u32(body.length + 8), text(type), body);
};

/** Version 0 and version 1 of `mvhd` and `mdhd`, as far as it is read. */
const times = (type: string, ticksPerSecond: number, ticks: number) =>
  box(type, zeros(12), u32(ticksPerSecond), u32(ticks));
const longTimes = (type: string, ticksPerSecond: number, ticks: number) =>
  box(type, [1, 0, 0, 0], zeros(16), u32(ticksPerSecond), u64(ticks));

function track(
  handler: string,
  picture: [number, number],
  frames: [count: number, ticks: number][],
) {
  const [width, height] = picture;
  const u16 = (value: number) => [value >> 8, value & 255];
  const entry = box("avc1", zeros(24), u16(width), u16(height));
  const stbl = box(
    "stbl",
    box("stsd", zeros(4), u32(1), entry),
    box("stts", zeros(4), u32(frames.length), ...frames.map((each) => each.flatMap(u32))),
  );
  return box(
    "trak",
    box(
      "mdia",
      times("mdhd", 30_000, 0),
      box("hdlr", zeros(8), text(handler), zeros(12)),
      box("minf", stbl),
    ),
  );
}

const video = track("vide", [1080, 1920], [[300, 1001]]);
const sound = track("soun", [0, 0], [[9, 1024]]);
const moov = box("moov", times("mvhd", 1000, 10_010), sound, video);
const ftyp = box("ftyp", text("isom"), zeros(4));
const facts = { durationMs: 10_010, width: 1080, height: 1920 };

describe("readMovie", () => {
  it("reads the demo's video", async () => {
    const path = fileURLToPath(new URL("../../local/assets/demo.mp4", import.meta.url));
    expect(await readMovie(await openAsBlob(path))).toEqual({
      durationMs: 5000,
      width: 540,
      height: 960,
      framesPerSecond: 30,
    });
  });

  it("tells the average rate of the picture, not of the sound before it", async () => {
    const found = await readMovie(new Blob([ftyp, moov]));
    expect(found).toMatchObject(facts);
    expect(found.framesPerSecond).toBeCloseTo(29.97, 2);
  });

  it("averages a rate that varies", async () => {
    const varying = track(
      "vide",
      [1080, 1920],
      [
        [30, 1000],
        [30, 2000],
      ],
    );
    const file = new Blob([ftyp, box("moov", times("mvhd", 1000, 3000), varying)]);
    expect((await readMovie(file)).framesPerSecond).toBeCloseTo(20, 5);
  });

  it("finds it behind the pictures, past a box with a size of 64 bits", async () => {
    const mdat = bytesOf(u32(1), text("mdat"), u64(16 + 5000), zeros(5000));
    expect(await readMovie(new Blob([ftyp, mdat, moov]))).toMatchObject(facts);
  });

  it("reads times of 64 bits", async () => {
    const long = box("moov", longTimes("mvhd", 600, 600 * 7200), video);
    expect((await readMovie(new Blob([ftyp, long]))).durationMs).toBe(7_200_000);
  });

  it("does not know the length of a file that was written as it went", async () => {
    const empty = track("vide", [640, 360], []);
    const file = new Blob([ftyp, box("moov", times("mvhd", 1000, 0), empty), box("moof")]);
    expect(await readMovie(file)).toEqual({ ...unknownFacts, width: 640, height: 360 });
  });

  it.each<[string, Uint8Array[]]>([
    ["nothing", []],
    ["a few bytes", [bytesOf([0, 0, 0])]],
    ["no moov", [ftyp]],
    ["a box without a size", [ftyp, bytesOf(u32(4), text("free"))]],
    ["a moov beyond the end of the file", [ftyp, moov.slice(0, 40)]],
    ["a moov full of something else", [ftyp, box("moov", new Uint8Array(64).fill(255))]],
    ["headers that are cut off", [ftyp, box("moov", box("mvhd", [0, 0]))]],
  ])("knows nothing of %s, and does not fail", async (_name, parts) => {
    expect(await readMovie(new Blob(parts as BlobPart[]))).toEqual(unknownFacts);
  });
});
