/** Who can view the video: only what creator info offers, chosen by hand, never preset. */
import { useId } from "react";
import type { Draft } from "../model/draft.ts";
import { privacyChoices } from "../model/privacy.ts";
import { strings } from "../strings.ts";

export function PrivacyField(props: {
  draft: Draft;
  options: readonly string[];
  onChange: (level: string) => void;
}) {
  const { draft, options, onChange } = props;
  const id = useId();
  const choices = privacyChoices(options, draft.disclosure);
  const hasDisabled = choices.some((choice) => choice.isDisabled);
  const hint = strings.post.privateExcluded;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {strings.post.privacy}
      </label>
      <select
        id={id}
        value={draft.privacyLevel ?? ""}
        required
        aria-describedby={hasDisabled ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="" disabled hidden>
          {strings.post.privacyNone}
        </option>
        {choices.map(({ level, isDisabled }) => (
          <option
            key={level}
            value={level}
            disabled={isDisabled}
            title={isDisabled ? hint : undefined}
          >
            {strings.privacyLevel[level] ?? level}
          </option>
        ))}
      </select>
      {hasDisabled && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
