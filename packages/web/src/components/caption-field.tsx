/** The caption, written by the creator alone: nothing is filled in beforehand. */
import { useId } from "react";
import { captionUnitsMax } from "../model/draft.ts";
import { strings } from "../strings.ts";

export function CaptionField(props: { caption: string; onChange: (caption: string) => void }) {
  const { caption, onChange } = props;
  const id = useId();
  const isTooLong = caption.length > captionUnitsMax;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {strings.post.caption}
      </label>
      <textarea
        id={id}
        rows={3}
        value={caption}
        aria-describedby={`${id}-hint`}
        aria-invalid={isTooLong}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-hint`} className={isTooLong ? "field-hint field-error" : "field-hint"}>
        <span>{strings.post.captionHint}</span>
        <span>{strings.post.captionLeft(caption.length, captionUnitsMax)}</span>
      </p>
    </div>
  );
}
