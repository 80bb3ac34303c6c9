/** The moment whose frame becomes the cover; the preview shows it while the slider moves. */
import { useId } from "react";
import { formatClock } from "../model/format.ts";
import { strings } from "../strings.ts";

const stepMs = 100;

export function CoverField(props: {
  durationMs: number;
  coverTimestampMs: number | null;
  onChange: (coverTimestampMs: number | null) => void;
}) {
  const { durationMs, coverTimestampMs, onChange } = props;
  const id = useId();
  return (
    <div className="field">
      <div className="field-row">
        <label className="field-label" htmlFor={id}>
          {strings.post.cover}
        </label>
        <output htmlFor={id}>
          {coverTimestampMs === null
            ? strings.post.coverFirst
            : strings.post.coverAt(coverTimestampMs)}
        </output>
        {coverTimestampMs !== null && (
          <button type="button" className="button-link" onClick={() => onChange(null)}>
            {strings.post.coverReset}
          </button>
        )}
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={Math.max(0, durationMs - stepMs)}
        step={stepMs}
        value={coverTimestampMs ?? 0}
        aria-valuetext={formatClock(coverTimestampMs ?? 0)}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}
