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
  const hints = [
    ...(isWithheld(draft.privacyLevel, isAudited) ? [post.privacyWithheld] : []),
    ...(choices.some((choice) => choice.isDisabled) ? [post.privateExcluded] : []),
  ];
  return (
    <div className="field">
      <label id={`${id}-label`} className="field-label" htmlFor={id}>
        {post.privacy}
      </label>
      <ChoiceMenu
        id={id}
        labelId={`${id}-label`}
        describedBy={hints.length === 0 ? undefined : `${id}-hint`}
        placeholder={post.privacyNone}
        value={draft.privacyLevel}
        choices={choices.map(({ level, isDisabled }) => ({
          value: level,
          name: strings.privacyLevel[level] ?? level,
          excuse: isDisabled ? post.privateExcluded : null,
        }))}
        onChange={onChange}
      />
      {hints.length > 0 && (
        <p id={`${id}-hint`} className="field-hint">
          {hints.map((hint) => (
            <span key={hint}>{hint}</span>
          ))}
        </p>
      )}
    </div>
  );
}
