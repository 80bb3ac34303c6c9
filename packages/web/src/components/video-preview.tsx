/**
 * The video as it will be posted, playing from the creator's own disk, and the facts that only a player can read.
 * While a cover is being picked, the picture follows.
 */
import { useEffect, useRef, useState } from "react";
import { formatBytes, formatClock } from "../model/format.ts";
import { unknownFacts, type VideoFacts } from "../model/video.ts";
import { strings } from "../strings.ts";

export function VideoPreview(props: {
  file: File;
  facts: VideoFacts | null;
  coverTimestampMs: number | null;
  onFacts: (facts: VideoFacts) => void;
}) {
  const { file, facts, coverTimestampMs, onFacts } = props;
  const player = useRef<HTMLVideoElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  const [isPlayable, setIsPlayable] = useState(true);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    setIsPlayable(true);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  useEffect(() => {
    if (coverTimestampMs === null || player.current === null) return;
    player.current.pause();
    player.current.currentTime = coverTimestampMs / 1000;
  }, [coverTimestampMs]);

  const read = (video: HTMLVideoElement) => {
    const { duration, videoWidth, videoHeight } = video;
    onFacts({
      durationMs: Number.isFinite(duration) ? Math.round(duration * 1000) : null,
      width: videoWidth > 0 ? videoWidth : null,
      height: videoHeight > 0 ? videoHeight : null,
    });
  };
  return (
    <figure className="preview">
      {isPlayable ? (
        // biome-ignore lint/a11y/useMediaCaption: the creator's own file; there is no track to show.
        <video
          ref={player}
          src={url ?? undefined}
          controls
          playsInline
          preload="metadata"
          aria-label={strings.picker.preview}
          onLoadedMetadata={(event) => read(event.currentTarget)}
          onError={() => {
            if (url === null) return;
            setIsPlayable(false);
            onFacts(unknownFacts);
          }}
        />
      ) : (
        <p className="preview-none">{strings.picker.noPreview}</p>
      )}
      <figcaption>
        <strong title={file.name}>{file.name}</strong>
        <span>
          {[
            formatBytes(file.size),
            facts?.durationMs != null && formatClock(facts.durationMs),
            facts?.width != null && `${facts.width} × ${facts.height}`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </figcaption>
    </figure>
  );
}
