/** Who the post goes to: nickname, picture and handle from fresh creator info, and the choice of another account. */
import type { AccountView, CreatorInfoResponse } from "@clipcast/client";
import { useId } from "react";
import { strings } from "../strings.ts";
import { Avatar } from "./avatar.tsx";

export function CreatorCard(props: {
  accounts: readonly AccountView[];
  account: AccountView;
  creator: CreatorInfoResponse | null;
  onChoose: (accountId: string) => void;
}) {
  const { accounts, account, creator, onChoose } = props;
  const selectId = useId();
  const name = creator?.nickname ?? account.displayName;
  return (
    <section className="creator" aria-label={strings.creator.heading}>
      <Avatar url={creator?.avatarUrl ?? null} name={name} />
      <div className="creator-name">
        <small>{strings.creator.heading}</small>
        <strong>{name}</strong>
        {creator !== null && <span>@{creator.username}</span>}
      </div>
      {accounts.length > 1 && (
        <div className="creator-choice">
          <label className="visually-hidden" htmlFor={selectId}>
            {strings.creator.account}
          </label>
          <select
            id={selectId}
            value={account.id}
            onChange={(event) => onChoose(event.target.value)}
          >
            {accounts.map(({ id, displayName }) => (
              <option key={id} value={id}>
                {displayName}
              </option>
            ))}
          </select>
        </div>
      )}
    </section>
  );
}
