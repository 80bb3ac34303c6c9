/** Comment, Duet and Stitch: off until switched on, greyed when the creator's own settings forbid them. */
import type { CreatorInfoResponse } from "@clipcast/client";
import { useId } from "react";
import type { Draft } from "../model/draft.ts";
import { strings } from "../strings.ts";

type Change = Partial<Pick<Draft, "allowComment" | "allowDuet" | "allowStitch">>;

export function InteractionsField(props: {
  draft: Draft;
  creator: CreatorInfoResponse;
  onChange: (change: Change) => void;
}) {
  const { draft, creator, onChange } = props;
  const { post } = strings;
  const hintId = useId();
  const interactions = [
    { key: "allowComment", name: post.comment, isDisabled: creator.isCommentDisabled },
    { key: "allowDuet", name: post.duet, isDisabled: creator.isDuetDisabled },
    { key: "allowStitch", name: post.stitch, isDisabled: creator.isStitchDisabled },
  ] as const;
  return (
    <fieldset className="field">
      <legend className="field-label">{post.interactions}</legend>
      <div className="checks">
        {interactions.map(({ key, name, isDisabled }) => (
          <label key={key} className="check" title={isDisabled ? post.interactionOff : undefined}>
            <input
              type="checkbox"
              checked={draft[key] && !isDisabled}
              disabled={isDisabled}
              aria-describedby={isDisabled ? hintId : undefined}
              onChange={(event) => onChange({ [key]: event.target.checked })}
            />
            {name}
          </label>
        ))}
      </div>
      {interactions.some((interaction) => interaction.isDisabled) && (
        <p id={hintId} className="field-hint">
          {interactions
            .filter((interaction) => interaction.isDisabled)
            .map((interaction) => interaction.name)
            .join(", ")}
          : {post.interactionOff}
        </p>
      )}
    </fieldset>
  );
}
