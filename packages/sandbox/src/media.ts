// Looks into a finished video as TikTok's processing does (fact sheet §7.6): container, duration, picture
// size, frame rate. It reads box headers and the movie header only, never the media data. What a file does
// not state (a fragmented MP4, a WebM) is not judged.

import { type FileHandle, open } from "node:fs/promises";
import type { FailReason } from "./state.ts";

export type MediaFacts = {
  container: "mp4" | "webm";
  durationSec: number | null;
  width: number | null;
  height: number | null;
  framesPerSec: number | null;
};

// §7.6
const sideMin = 360;
const sideMax = 4096;
const framesPerSecMin = 23;
const framesPerSecMax = 60;

const boxesMax = 10_000;
const movieBytesMax = 64 * 2 ** 20;
const ebmlMagic = 0x1a45dfa3;
const firstBoxes = ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"];

export function judgeMedia(
  facts: MediaFacts | null,
  limits: { durationSecMax: number; depth: "full" | "container" },
): FailReason | null {
  if (facts === null) return "file_format_check_failed";
  if (limits.depth === "container") return null;
  const { durationSec, width, height, framesPerSec } = facts;
  // Encoders round the last frame up; TikTok's own bound is in whole seconds.
  if (durationSec !== null && Math.floor(durationSec) > limits.durationSecMax) {
    return "duration_check_failed";
  }
  for (const side of [width, height]) {
    if (side !== null && (side < sideMin || side > sideMax)) return "picture_size_check_failed";
  }
  if (framesPerSec === null) return null;
  // 23.976 and 59.94 are meant by 24 and 60.
  const rounded = Math.round(framesPerSec);
  return rounded < framesPerSecMin || rounded > framesPerSecMax ? "frame_rate_check_failed" : null;
}

/** null: not a video that TikTok takes. */
export async function inspectMedia(path: string): Promise<MediaFacts | null> {
  const file = await open(path, "r");
  try {
    const head = await readAt(file, 0, 8);
    if (head.length < 8) return null;
    if (head.readUInt32BE(0) === ebmlMagic) return { ...unknownFacts, container: "webm" };
    if (!firstBoxes.includes(head.toString("latin1", 4, 8))) return null;
    const movie = await readMovieBox(file);
    return movie === null ? null : readMovie(movie);
  } finally {
    await file.close();
  }
}

const unknownFacts: MediaFacts = {
  container: "mp4",
  durationSec: null,
  width: null,
  height: null,
  framesPerSec: null,
};

async function readMovieBox(file: FileHandle): Promise<Buffer | null> {
  const { size: fileBytes } = await file.stat();
  let offset = 0;
  for (let count = 0; count < boxesMax && offset + 8 <= fileBytes; count += 1) {
    const header = await readAt(file, offset, 16);
    const box = boxAt(header, 0, fileBytes - offset);
    if (box === null) return null;
    if (box.type === "moov") {
      const bodyBytes = box.end - box.body;
      if (bodyBytes > movieBytesMax) return null;
      const body = await readAt(file, offset + box.body, bodyBytes);
      return body.length === bodyBytes ? body : null;
    }
    offset += box.end;
  }
  return null;
}

type Box = { type: string; body: number; end: number };

function boxAt(bytes: Buffer, offset: number, limit: number): Box | null {
  if (offset + 8 > bytes.length) return null;
  const type = bytes.toString("latin1", offset + 4, offset + 8);
  let size = bytes.readUInt32BE(offset);
  let headerBytes = 8;
  if (size === 1) {
    if (offset + 16 > bytes.length) return null;
    size = Number(bytes.readBigUInt64BE(offset + 8));
    headerBytes = 16;
  }
  if (size === 0) size = limit - offset;
  if (size < headerBytes || offset + size > limit) return null;
  return { type, body: offset + headerBytes, end: offset + size };
}

function findBoxes(bytes: Buffer, type: string): Buffer[] {
  const found: Buffer[] = [];
  let offset = 0;
  for (let count = 0; count < boxesMax; count += 1) {
    const box = boxAt(bytes, offset, bytes.length);
    if (box === null) break;
    if (box.type === type) found.push(bytes.subarray(box.body, box.end));
    offset = box.end;
  }
  return found;
}

function findBox(bytes: Buffer | undefined, ...path: string[]): Buffer | undefined {
  let current = bytes;
  for (const type of path)
    current = current === undefined ? undefined : findBoxes(current, type)[0];
  return current;
}

function readMovie(movie: Buffer): MediaFacts {
  const facts = { ...unknownFacts, durationSec: readDurationSec(findBox(movie, "mvhd")) };
  const video = findBoxes(movie, "trak").find(
    (track) => findBox(track, "mdia", "hdlr")?.toString("latin1", 8, 12) === "vide",
  );
  if (video === undefined) return facts;
  const header = findBox(video, "tkhd");
  const sizeOffset = header?.[0] === 1 ? 88 : 76;
  if (header !== undefined && header.length >= sizeOffset + 8) {
    // 16.16 fixed point.
    facts.width = header.readUInt32BE(sizeOffset) / 65_536;
    facts.height = header.readUInt32BE(sizeOffset + 4) / 65_536;
  }
  const trackSec = readDurationSec(findBox(video, "mdia", "mdhd"));
  const sizes = findBox(video, "mdia", "minf", "stbl", "stsz");
  if (trackSec !== null && trackSec > 0 && sizes !== undefined && sizes.length >= 12) {
    const frames = sizes.readUInt32BE(8);
    if (frames > 1) facts.framesPerSec = frames / trackSec;
  }
  return facts;
}

/** mvhd and mdhd share the layout of their first fields. */
function readDurationSec(box: Buffer | undefined): number | null {
  if (box === undefined) return null;
  const isLong = box[0] === 1;
  if (box.length < (isLong ? 32 : 20)) return null;
  const timescale = box.readUInt32BE(isLong ? 20 : 12);
  const duration = isLong ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16);
  return timescale === 0 || duration === 0 ? null : duration / timescale;
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}
