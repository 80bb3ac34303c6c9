// Builds MP4 files that say about themselves what a test wants, padded to any size with a `free` box.

export function makeVideo(
  change: {
    bytes?: number;
    seconds?: number;
    width?: number;
    height?: number;
    framesPerSec?: number;
    isMovieLast?: boolean;
  } = {},
): Buffer<ArrayBuffer> {
  const { seconds = 3, width = 720, height = 1280, framesPerSec = 30 } = change;
  const movie = box(
    "moov",
    timeHeader("mvhd", seconds, 100),
    track({ seconds, width, height, framesPerSec }),
  );
  const start = box("ftyp", Buffer.from("isom\0\0\0\0isommp42", "latin1"));
  const parts = [start, movie];
  const known = start.length + movie.length;
  const padding = (change.bytes ?? known + 1000) - known;
  if (padding < 8) throw new RangeError(`a video takes at least ${known + 8} bytes`);
  const free = box("free", patterned(padding - 8));
  return Buffer.concat(change.isMovieLast === true ? [start, free, movie] : [...parts, free]);
}

function track(input: { seconds: number; width: number; height: number; framesPerSec: number }) {
  const header = Buffer.alloc(84);
  header.writeUInt32BE(input.width * 65_536, 76);
  header.writeUInt32BE(input.height * 65_536, 80);
  const handler = Buffer.alloc(24);
  handler.write("vide", 8, "latin1");
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32BE(Math.round(input.seconds * input.framesPerSec), 8);
  const table = box("minf", box("stbl", box("stsz", sizes)));
  const media = Buffer.concat([timeHeader("mdhd", input.seconds, 24), box("hdlr", handler), table]);
  return box("trak", box("tkhd", header), box("mdia", media));
}

/** mvhd and mdhd begin alike: version, two times, timescale, duration. */
function timeHeader(type: string, seconds: number, bytes: number) {
  const body = Buffer.alloc(bytes);
  const timescale = 1000;
  body.writeUInt32BE(timescale, 12);
  body.writeUInt32BE(Math.round(seconds * timescale), 16);
  return box(type, body);
}

function box(type: string, ...content: Buffer[]): Buffer<ArrayBuffer> {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, body]);
}

/** Bytes that differ from place to place, so that a chunk in the wrong place changes the digest. */
function patterned(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  for (let index = 0; index + 4 <= bytes; index += 4) buffer.writeUInt32LE(index, index);
  return buffer;
}
