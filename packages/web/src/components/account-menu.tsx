/** The creator's TikTok accounts: which are connected, which must be again and why, connecting another, disconnecting. */
import type { AccountView, Client, MeResponse } from "@clipcast/client";
import { useState } from "react";
import type { Session } from "../state/session.ts";
import type { Stakes } from "../state/stake.ts";
import { strings } from "../strings.ts";
import { Avatar } from "./avatar.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { Icon } from "./icon.tsx";
import { useSignOut } from "./sign-out.tsx";

type MenuProps = { client: Pick<Client, "api">; session: Session; stakes: Stakes; me: MeResponse };

export function AccountMenu(props: MenuProps) {
  const { client, session, stakes, me } = props;
  const [leaving, setLeaving] = useState<AccountView | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const text = strings.accounts;
  const loseCount = me.accounts.filter(({ state }) => state === "reconnect").length;
  const act = (action: Promise<void>, sentence: string) => {
    setFailure(null);
    action.catch(() => setFailure(sentence));
  };
  const [startSignOut, signOutQuestion] = useSignOut(stakes, () =>
    act(session.signOut(), text.signOutFailed),
  );
  return (
    <>
      <button type="button" className="button button-quiet menu-button" popoverTarget="accounts">
        <span className="avatar-stack">
          {me.accounts.slice(0, 3).map((account) => (
            <Avatar key={account.id} name={account.displayName} />
          ))}
        </span>
        <span className="menu-button-label">{text.menu}</span>
        {loseCount > 0 && (
          <span className="menu-badge" title={text.toReconnect(loseCount)}>
            <Icon name="alert" />
            <span className="visually-hidden">{text.toReconnect(loseCount)}</span>
          </span>
        )}
        <Icon name="chevron" />
      </button>
      <section id="accounts" popover="auto" className="menu" aria-label={text.menu}>
        <ul>
          {me.accounts.map((account) => (
            <Account key={account.id} client={client} account={account} onLeave={setLeaving} />
          ))}
        </ul>
        {failure !== null && (
          <p className="field-error" role="alert">
            {failure}
          </p>
        )}
        <div className="menu-actions">
          <a className="button" href={client.api.loginUrl({ returnTo: "/", add: true })}>
            {text.add}
          </a>
          <button type="button" className="button button-quiet" onClick={startSignOut}>
            {strings.signOut.action}
          </button>
        </div>
      </section>
      {signOutQuestion}
      {leaving !== null && (
        <ConfirmDialog
          title={text.disconnectTitle(leaving.displayName)}
          text={text.disconnectText}
          confirm={text.disconnect}
          keep={text.keep}
          onConfirm={() => act(session.disconnect(leaving.id), text.disconnectFailed)}
          onClose={() => setLeaving(null)}
        />
      )}
    </>
  );
}

function Account(props: {
  client: Pick<Client, "api">;
  account: AccountView;
  onLeave: (account: AccountView) => void;
}) {
  const { client, account, onLeave } = props;
  const text = strings.accounts;
  const isLost = account.state === "reconnect";
  const right = account.canPublish ? text.connected : text.draftsOnly;
  return (
    <li className="menu-account">
      <Avatar name={account.displayName} />
      <span className="menu-account-name">
        <strong>{account.displayName}</strong>
        <small>{isLost ? text.needsReconnect : right}</small>
      </span>
      <button
        type="button"
        className="button button-quiet button-small"
        aria-label={text.disconnectNamed(account.displayName)}
        onClick={() => onLeave(account)}
      >
        {text.disconnect}
      </button>
      {isLost && (
        <div className="menu-account-hint">
          {account.reconnectReason !== null && <small>{account.reconnectReason}</small>}
          <a
            className="button button-small"
            aria-label={text.reconnectNamed(account.displayName)}
            href={client.api.loginUrl({ returnTo: "/", add: true })}
          >
            {text.reconnect}
          </a>
        </div>
      )}
    </li>
  );
}
