/** The moment whose frame becomes the cover: picked on a strip of frames, or as what the preview shows right now. */
import { useId } from "react";
import { formatClock } from "../model/format.ts";
import { strings } from "../strings.ts";
import { Filmstrip } from "./filmstrip.tsx";

const stepMs = 100;

export function CoverField(props: {
  url: string;
  durationMs: number;
  coverTimestampMs: number | null;
  /** Where the preview stands. */
  readPlayer: () => number;
  onChange: (coverTimestampMs: number | null) => void;
}) {
  const { url, durationMs, coverTimestampMs, readPlayer, onChange } = props;
  const id = useId();
  const lastMs = Math.max(0, durationMs - stepMs);
  return (
    <div className="field cover">
      <div className="field-row">
        <label className="field-label" htmlFor={id}>
          {strings.post.cover}
        </label>
        <output htmlFor={id}>
          {coverTimestampMs === null
            ? strings.post.coverFirst
            : strings.post.coverAt(coverTimestampMs)}
        </output>
      </div>
      <div className="cover-strip">
        <Filmstrip url={url} durationMs={durationMs} />
        <input
          id={id}
          type="range"
          min={0}
          max={lastMs}
          step={stepMs}
          value={coverTimestampMs ?? 0}
          aria-valuetext={formatClock(coverTimestampMs ?? 0)}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      </div>
      <div className="field-row">
        <button
          type="button"
          className="button-link"
          onClick={() => onChange(Math.min(lastMs, Math.floor(readPlayer())))}
        >
          {strings.post.coverCurrent}
        </button>
        {coverTimestampMs !== null && (
          <button type="button" className="button-link" onClick={() => onChange(null)}>
            {strings.post.coverReset}
          </button>
        )}
      </div>
    </div>
  );
}
