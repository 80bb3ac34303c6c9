/** Direct post or draft; only what the account granted can be chosen. */
import type { AccountView } from "@clipcast/client";
import type { Draft } from "../model/draft.ts";
import { strings } from "../strings.ts";

export function ModeField(props: {
  account: AccountView;
  mode: Draft["mode"];
  onChange: (mode: Draft["mode"]) => void;
}) {
  const { account, mode, onChange } = props;
  const { post } = strings;
  const modes = [
    { value: "direct", title: post.direct, hint: post.directHint, isGranted: account.canPublish },
    { value: "inbox", title: post.inbox, hint: post.inboxHint, isGranted: account.canSendDrafts },
  ] as const;
  return (
    <fieldset className="field modes">
      <legend className="visually-hidden">{post.mode}</legend>
      {modes.map(({ value, title, hint, isGranted }) => (
        <label key={value} className="mode">
          <input
            type="radio"
            name="mode"
            value={value}
            checked={mode === value}
            disabled={!isGranted}
            aria-label={title}
            onChange={() => onChange(value)}
          />
          <span>
            <strong>{title}</strong>
            <small>{hint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
