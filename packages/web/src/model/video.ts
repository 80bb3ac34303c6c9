/**
 * What can be known of a video before a byte is sent, and whether TikTok would take it.
 *
 * The container is told from its first bytes, never from the name: a name is what someone typed. Limits are TikTok's
 * (https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide), size and duration come from the server.
 * What nobody can tell here is no problem: TikTok checks every video again.
 */
export type VideoFacts = {
  /** Null when neither the file nor the browser's player tells. */
  durationMs: number | null;
  width: number | null;
  height: number | null;
  /** The average; null when the file does not say, as most WebM files do not. */
  framesPerSecond: number | null;
};

export const unknownFacts: VideoFacts = {
  durationMs: null,
  width: null,
  height: null,
  framesPerSecond: null,
};

export type VideoProblem =
  | { type: "empty" }
  | { type: "too_large"; bytes: number; bytesMax: number }
  | { type: "unsupported" }
  | { type: "too_long"; durationMs: number; secondsMax: number }
  | { type: "picture"; width: number; height: number }
  | { type: "frame_rate"; framesPerSecond: number };

/** Each side of the picture. */
export const sidePixelsMin = 360;
export const sidePixelsMax = 4096;
export const framesPerSecondMin = 23;
export const framesPerSecondMax = 60;
/** For drafts, which the creator may shorten in the app; direct posts have the account's own limit. */
export const draftSecondsMax = 600;
/** As many first bytes as `containerOf` looks at. */
export const headBytes = 12;

/** The content type of a video by its first bytes; null when it is none that TikTok takes. */
export function containerOf(head: Uint8Array): string | null {
  const isEbml = [0x1a, 0x45, 0xdf, 0xa3].every((byte, index) => head[index] === byte);
  if (isEbml) return "video/webm";
  const text = (from: number, to: number) => String.fromCharCode(...head.slice(from, to));
  const box = text(4, 8);
  if (box === "ftyp") return text(8, 12) === "qt  " ? "video/quicktime" : "video/mp4";
  // QuickTime files of before 2001, and some cameras, begin with another box.
  return ["moov", "mdat", "wide", "free", "skip"].includes(box) ? "video/quicktime" : null;
}

/** The first reason why this video cannot be posted; null when none is known. */
export function videoProblem(
  video: { bytes: number; contentType: string | null; facts: VideoFacts },
  limits: { maxFileBytes: number; contentTypes: readonly string[]; maxDurationSec: number | null },
): VideoProblem | null {
  const { bytes, contentType, facts } = video;
  if (bytes === 0) return { type: "empty" };
  if (contentType === null || !limits.contentTypes.includes(contentType)) {
    return { type: "unsupported" };
  }
  if (bytes > limits.maxFileBytes) {
    return { type: "too_large", bytes, bytesMax: limits.maxFileBytes };
  }
  const { durationMs } = facts;
  const secondsMax = limits.maxDurationSec;
  if (durationMs !== null && secondsMax !== null && durationMs > secondsMax * 1000) {
    return { type: "too_long", durationMs, secondsMax };
  }
  return pictureProblem(facts);
}

function pictureProblem({ width, height, framesPerSecond }: VideoFacts): VideoProblem | null {
  const isOutside = (side: number) => side < sidePixelsMin || side > sidePixelsMax;
  if (width !== null && height !== null && (isOutside(width) || isOutside(height))) {
    return { type: "picture", width, height };
  }
  if (framesPerSecond === null) return null;
  // Phones vary their rate a little: 60.02 is 60, and 22.98 is 23.
  const rate = Math.round(framesPerSecond);
  return rate < framesPerSecondMin || rate > framesPerSecondMax
    ? { type: "frame_rate", framesPerSecond }
    : null;
}
