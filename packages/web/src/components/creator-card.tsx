/** Who the post goes to: nickname and handle from fresh creator info, and the choice of another account. */
import type { AccountView, CreatorInfoResponse } from "@clipcast/client";
import { useId } from "react";
import { isPublicAccount } from "../model/privacy.ts";
import { strings } from "../strings.ts";
import { Avatar } from "./avatar.tsx";

export function CreatorCard(props: {
  accounts: readonly AccountView[];
  account: AccountView;
  creator: CreatorInfoResponse | null;
  onChoose: (account: AccountView) => void;
}) {
  const { accounts, account, creator, onChoose } = props;
  const selectId = useId();
  const name = creator?.nickname ?? account.displayName;
  return (
    <section className="creator" aria-label={strings.creator.heading}>
      <Avatar name={name} />
      <div className="creator-name">
        <small>{strings.creator.heading}</small>
        <strong>{name}</strong>
        {creator !== null && (
          <span>
            @{creator.username}
            {!isPublicAccount(creator.privacyOptions) && ` · ${strings.creator.isPrivate}`}
          </span>
        )}
      </div>
      {accounts.length > 1 && (
        <div className="creator-choice">
          <label className="visually-hidden" htmlFor={selectId}>
            {strings.creator.account}
          </label>
          <select
            id={selectId}
            value={account.id}
            onChange={(event) => {
              const chosen = accounts.find(({ id }) => id === event.target.value);
              if (chosen !== undefined) onChoose(chosen);
            }}
          >
            {accounts.map(({ id, displayName, state }) => (
              <option key={id} value={id}>
                {state === "connected" ? displayName : strings.creator.unusable(displayName)}
              </option>
            ))}
          </select>
        </div>
      )}
    </section>
  );
}
