/**
 * Reads length, picture and frame rate out of an MP4 or MOV file itself (ISO/IEC 14496-12), since no player tells the
 * frame rate, and many cannot play what TikTok takes.
 *
 * Only the `moov` box is read, wherever in gigabytes it lies. What is missing or broken is null, never an error: the
 * file may still be fine, and it is not ours to judge. The rate is the average over the whole video.
 */
import { unknownFacts, type VideoFacts } from "./video.ts";

/** A `moov` grows with the number of frames: ten minutes at 60 a second need less than a megabyte. */
const movieBytesMax = 32 * 1024 * 1024;
/** Boxes at the top of a file, and inside one box; a file that has more is not a common one. */
const boxesMax = 1_000;
/** Size and type, then a size of 64 bits if the first one says so. */
const headerBytes = 8;
const longHeaderBytes = 16;

type Box = { type: string; start: number; end: number };

export async function readMovie(file: Blob): Promise<VideoFacts> {
  try {
    const range = await findMovie(file);
    if (range === null || range.end - range.start > movieBytesMax) return unknownFacts;
    const view = new DataView(await file.slice(range.start, range.end).arrayBuffer());
    return factsOf(view);
  } catch (error) {
    // A box that ends beyond its parent: cut off, or not what it says it is.
    if (error instanceof RangeError) return unknownFacts;
    throw error;
  }
}

async function findMovie(file: Blob): Promise<Box | null> {
  let start = 0;
  for (let count = 0; count < boxesMax && start + headerBytes <= file.size; count += 1) {
    const header = await file.slice(start, start + longHeaderBytes).arrayBuffer();
    const box = boxAt(new DataView(header), 0, file.size - start);
    if (box === null) return null;
    if (box.type === "moov") return { ...box, start: start + box.start, end: start + box.end };
    start += box.end;
  }
  return null;
}

/** The box at an offset, `start` and `end` being those of its contents; null when its size makes no sense. */
function boxAt(view: DataView, offset: number, spaceBytes: number): Box | null {
  const short = view.getUint32(offset);
  const type = textAt(view, offset + 4);
  const isLong = short === 1;
  const ownBytes = isLong ? longHeaderBytes : headerBytes;
  const size = isLong ? Number(view.getBigUint64(offset + 8)) : short || spaceBytes;
  if (size < ownBytes || size > spaceBytes) return null;
  return { type, start: offset + ownBytes, end: offset + size };
}

function textAt(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

function childrenOf(view: DataView, { start, end }: Pick<Box, "start" | "end">): Box[] {
  const boxes: Box[] = [];
  let offset = start;
  while (offset + headerBytes <= end && boxes.length < boxesMax) {
    const box = boxAt(view, offset, end - offset);
    if (box === null) break;
    boxes.push(box);
    offset = box.end;
  }
  return boxes;
}

function descend(view: DataView, from: Pick<Box, "start" | "end">, ...path: string[]): Box | null {
  let box: Pick<Box, "start" | "end"> = from;
  let found: Box | null = null;
  for (const type of path) {
    found = childrenOf(view, box).find((child) => child.type === type) ?? null;
    if (found === null) return null;
    box = found;
  }
  return found;
}

function factsOf(view: DataView): VideoFacts {
  const movie = { start: 0, end: view.byteLength };
  const header = descend(view, movie, "mvhd");
  const track = childrenOf(view, movie).find((box) => {
    const handler = box.type === "trak" ? descend(view, box, "mdia", "hdlr") : null;
    return handler !== null && textAt(view, handler.start + 8) === "vide";
  });
  return {
    durationMs: header === null ? null : durationOf(view, header),
    ...(track === undefined ? { width: null, height: null } : pictureOf(view, track)),
    framesPerSecond: track === undefined ? null : rateOf(view, track),
  };
}

/** Both `mvhd` and `mdhd`: version 1 has times of 64 bits. */
function timesOf(view: DataView, { start }: Box): { ticksPerSecond: number; ticks: number } {
  const isLong = view.getUint8(start) === 1;
  return isLong
    ? { ticksPerSecond: view.getUint32(start + 20), ticks: Number(view.getBigUint64(start + 24)) }
    : { ticksPerSecond: view.getUint32(start + 12), ticks: view.getUint32(start + 16) };
}

/** Null for a fragmented file, whose header comes before anybody knows the length. */
function durationOf(view: DataView, header: Box): number | null {
  const { ticksPerSecond, ticks } = timesOf(view, header);
  return ticksPerSecond > 0 && ticks > 0 ? Math.round((ticks / ticksPerSecond) * 1000) : null;
}

/** As stored; a quarter turn, which phones note beside it, exchanges the two and matters to no limit. */
function pictureOf(view: DataView, track: Box): Pick<VideoFacts, "width" | "height"> {
  const samples = descend(view, track, "mdia", "minf", "stbl", "stsd");
  if (samples === null) return { width: null, height: null };
  // Version and count, then the first entry, whose picture lies behind 32 bytes.
  const entry = samples.start + 8;
  const [width, height] = [view.getUint16(entry + 32), view.getUint16(entry + 34)];
  return width > 0 && height > 0 ? { width, height } : { width: null, height: null };
}

function rateOf(view: DataView, track: Box): number | null {
  const media = descend(view, track, "mdia", "mdhd");
  const times = descend(view, track, "mdia", "minf", "stbl", "stts");
  if (media === null || times === null) return null;
  const entryCount = Math.min(view.getUint32(times.start + 4), (times.end - times.start - 8) / 8);
  let frames = 0;
  let ticks = 0;
  for (let index = 0; index < entryCount; index += 1) {
    const entry = times.start + 8 + index * 8;
    frames += view.getUint32(entry);
    ticks += view.getUint32(entry) * view.getUint32(entry + 4);
  }
  // A single frame is a picture with a length, not a rate.
  return frames > 1 && ticks > 0 ? (frames * timesOf(view, media).ticksPerSecond) / ticks : null;
}
