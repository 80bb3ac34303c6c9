/**
 * The video as it will be posted, playing from the creator's own disk, with what is known of it, and the choice of its
 * cover. While a cover is being picked, the picture follows.
 */
import { useEffect, useRef, useState } from "react";
import { formatBytes, formatClock, formatRate } from "../model/format.ts";
import type { VideoFacts } from "../model/video.ts";
import type { ChosenVideo } from "../state/tray.ts";
import { strings } from "../strings.ts";
import { CoverField } from "./cover-field.tsx";

export function VideoPreview(props: {
  video: ChosenVideo;
  coverTimestampMs: number | null;
  /** Whether TikTok may take it, as far as is known. */
  isFit: boolean;
  /** Drafts get their cover in the app. */
  hasCover: boolean;
  onCover: (coverTimestampMs: number | null) => void;
  onRemove: () => void;
}) {
  const { video, coverTimestampMs, isFit, hasCover, onCover } = props;
  const player = useRef<HTMLVideoElement>(null);
  const [isPlayable, setIsPlayable] = useState(true);
  useEffect(() => {
    if (coverTimestampMs === null || player.current === null) return;
    player.current.pause();
    player.current.currentTime = coverTimestampMs / 1000;
  }, [coverTimestampMs]);
  const facts = video.check?.type === "checked" ? video.check.facts : null;
  const durationMs = facts?.durationMs ?? null;
  return (
    <div className="preview">
      <figure>
        {isPlayable ? (
          // biome-ignore lint/a11y/useMediaCaption: the creator's own file; there is no track to show.
          <video
            ref={player}
            src={video.url}
            controls
            playsInline
            preload="metadata"
            aria-label={strings.picker.preview}
            onError={() => setIsPlayable(false)}
          />
        ) : (
          <p className="preview-none">
            {isFit ? strings.picker.noPreview : strings.picker.noVideo}
          </p>
        )}
        <figcaption>
          <strong title={video.file.name}>{video.file.name}</strong>
          <span>{describe(video.file.size, facts)}</span>
          <button
            type="button"
            className="button-link"
            aria-label={strings.picker.removeNamed(video.file.name)}
            disabled={video.isStarting}
            onClick={props.onRemove}
          >
            {strings.picker.remove}
          </button>
        </figcaption>
      </figure>
      {hasCover && isFit && isPlayable && durationMs !== null && durationMs > 0 && (
        <CoverField
          url={video.url}
          durationMs={durationMs}
          coverTimestampMs={coverTimestampMs}
          readPlayer={() => (player.current?.currentTime ?? 0) * 1000}
          onChange={onCover}
        />
      )}
    </div>
  );
}

function describe(bytes: number, facts: VideoFacts | null): string {
  const { durationMs = null, width = null, height = null, framesPerSecond = null } = facts ?? {};
  return [
    formatBytes(bytes),
    durationMs !== null && formatClock(durationMs),
    width !== null && `${width} × ${height}`,
    framesPerSecond !== null && formatRate(framesPerSecond),
  ]
    .filter(Boolean)
    .join(" · ");
}
