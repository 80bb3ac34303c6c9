/**
 * Looks at a chosen file: what it is, by its first bytes; how long, how large and how fast its picture is, by the file
 * itself or else by the browser's player. A few reads of a few kilobytes, however large the video.
 */
import { readMovie } from "../model/movie.ts";
import { containerOf, headBytes, unknownFacts, type VideoFacts } from "../model/video.ts";

export type VideoCheck =
  | { type: "checked"; contentType: string | null; facts: VideoFacts }
  /** The file was moved, or may not be read. */
  | { type: "unreadable" };

/** A player that has said nothing by then will say nothing. */
const playerPatienceMs = 10_000;

export async function probe(file: Blob, url: string): Promise<VideoCheck> {
  try {
    const contentType = containerOf(new Uint8Array(await file.slice(0, headBytes).arrayBuffer()));
    if (contentType === null) return { type: "checked", contentType, facts: unknownFacts };
    const stated = contentType === "video/webm" ? unknownFacts : await readMovie(file);
    const isComplete = stated.durationMs !== null && stated.width !== null;
    const played = isComplete ? unknownFacts : await askPlayer(url);
    const facts = {
      durationMs: stated.durationMs ?? played.durationMs,
      width: stated.width ?? played.width,
      height: stated.height ?? played.height,
      framesPerSecond: stated.framesPerSecond,
    };
    return { type: "checked", contentType, facts };
  } catch {
    return { type: "unreadable" };
  }
}

function askPlayer(url: string): Promise<VideoFacts> {
  return new Promise((resolve) => {
    const player = document.createElement("video");
    const settle = (facts: VideoFacts) => {
      clearTimeout(timer);
      player.onloadedmetadata = null;
      player.onerror = null;
      player.removeAttribute("src");
      player.load();
      resolve(facts);
    };
    const timer = setTimeout(() => settle(unknownFacts), playerPatienceMs);
    player.onerror = () => settle(unknownFacts);
    player.onloadedmetadata = () => {
      const { duration, videoWidth, videoHeight } = player;
      settle({
        durationMs: Number.isFinite(duration) ? Math.round(duration * 1000) : null,
        width: videoWidth > 0 ? videoWidth : null,
        height: videoHeight > 0 ? videoHeight : null,
        framesPerSecond: null,
      });
    };
    player.preload = "metadata";
    player.src = url;
  });
}
