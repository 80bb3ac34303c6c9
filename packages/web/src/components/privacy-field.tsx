/** Who can view the video: only what creator info offers, chosen by hand, never preset. */
import { useId } from "react";
import type { Draft } from "../model/draft.ts";
import { isWithheld, privacyChoices } from "../model/privacy.ts";
import { strings } from "../strings.ts";
import { ChoiceMenu } from "./choice-menu.tsx";

export function PrivacyField(props: {
  draft: Draft;
  options: readonly string[];
  isAudited: boolean;
  onChange: (level: string) => void;
}) {
  const { draft, options, isAudited, onChange } = props;
  const id = useId();
  const { post } = strings;
  const choices = privacyChoices(options, draft.disclosure);
  const hint = choices.some((choice) => choice.isDisabled)
    ? post.privateExcluded
    : isWithheld(draft.privacyLevel, isAudited)
      ? post.privacyWithheld
      : null;
  return (
    <div className="field">
      <label id={`${id}-label`} className="field-label" htmlFor={id}>
        {post.privacy}
      </label>
      <ChoiceMenu
        id={id}
        labelId={`${id}-label`}
        describedBy={hint === null ? undefined : `${id}-hint`}
        placeholder={post.privacyNone}
        value={draft.privacyLevel}
        choices={choices.map(({ level, isDisabled }) => ({
          value: level,
          name: strings.privacyLevel[level] ?? level,
          excuse: isDisabled ? post.privateExcluded : null,
        }))}
        onChange={onChange}
      />
      {hint !== null && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
