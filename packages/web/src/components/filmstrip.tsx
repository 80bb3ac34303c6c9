/** Frames of a video side by side, from its beginning to its end. Decoration: it stays empty where none can be drawn. */
import { useEffect, useRef } from "react";

const framesCount = 8;
/** Sharp on dense screens, and cheap. */
const frameHeightPixels = 96;

export function Filmstrip({ url, durationMs }: { url: string; durationMs: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (target === null) return;
    const player = document.createElement("video");
    player.muted = true;
    player.preload = "auto";
    let index = 0;
    const seek = () => {
      player.currentTime = ((index + 0.5) * durationMs) / framesCount / 1000;
    };
    player.onloadeddata = () => {
      if (player.videoWidth === 0) return;
      // The strip is as wide as its place; each frame is cut to its share of it.
      target.height = frameHeightPixels;
      target.width = Math.round((frameHeightPixels * target.clientWidth) / target.clientHeight);
      seek();
    };
    player.onseeked = () => {
      draw(target, player, index);
      index += 1;
      if (index < framesCount) seek();
    };
    player.src = url;
    return () => {
      player.onloadeddata = null;
      player.onseeked = null;
      player.removeAttribute("src");
      player.load();
    };
  }, [url, durationMs]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus.
  return <canvas ref={canvas} className="filmstrip" aria-hidden="true" />;
}

/** The middle of the frame, scaled to cover its cell. */
function draw(target: HTMLCanvasElement, player: HTMLVideoElement, index: number) {
  const { videoWidth, videoHeight } = player;
  const cellWidth = target.width / framesCount;
  const scale = Math.max(cellWidth / videoWidth, target.height / videoHeight);
  const [width, height] = [cellWidth / scale, target.height / scale];
  target
    .getContext("2d")
    ?.drawImage(
      player,
      (videoWidth - width) / 2,
      (videoHeight - height) / 2,
      width,
      height,
      index * cellWidth,
      0,
      cellWidth,
      target.height,
    );
}
