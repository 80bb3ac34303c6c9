/** The bar above everything: whose page this is, and the menu of accounts. */
import type { AccountView, Client, MeResponse } from "@clipcast/client";
import { useState } from "react";
import type { Session } from "../state/session.ts";
import { strings } from "../strings.ts";
import { Avatar } from "./avatar.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { BrandMark, Icon } from "./icon.tsx";

export function TopBar(props: { client: Client; session: Session; me: MeResponse | null }) {
  return (
    <header className="top-bar">
      <div className="top-bar-inner">
        <a className="brand" href="/">
          <BrandMark />
          <span>{strings.product}</span>
        </a>
        {props.me !== null && <AccountMenu {...props} me={props.me} />}
      </div>
    </header>
  );
}

function AccountMenu(props: { client: Client; session: Session; me: MeResponse }) {
  const { client, session, me } = props;
  const [leaving, setLeaving] = useState<AccountView | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const disconnect = (account: AccountView) => {
    setHasFailed(false);
    session.disconnect(account.id).catch(() => setHasFailed(true));
  };
  return (
    <>
      <button type="button" className="button button-quiet menu-button" popoverTarget="accounts">
        <span className="avatar-stack">
          {me.accounts.slice(0, 3).map((account) => (
            <Avatar key={account.id} name={account.displayName} />
          ))}
        </span>
        <span className="menu-button-label">{strings.accounts.menu}</span>
        <Icon name="chevron" />
      </button>
      <section id="accounts" popover="auto" className="menu" aria-label={strings.accounts.menu}>
        <ul>
          {me.accounts.map((account) => (
            <li key={account.id} className="menu-account">
              <Avatar name={account.displayName} />
              <strong className="menu-account-name">{account.displayName}</strong>
              <button
                type="button"
                className="button button-quiet button-small"
                aria-label={`${strings.accounts.disconnect} ${account.displayName}`}
                onClick={() => setLeaving(account)}
              >
                {strings.accounts.disconnect}
              </button>
              {account.state === "reconnect" && <ReconnectHint client={client} account={account} />}
            </li>
          ))}
        </ul>
        {hasFailed && <p className="field-error">{strings.accounts.disconnectFailed}</p>}
        <div className="menu-actions">
          <a className="button" href={client.api.loginUrl({ returnTo: "/", add: true })}>
            {strings.accounts.add}
          </a>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => void session.signOut().catch(() => session.load())}
          >
            {strings.accounts.signOut}
          </button>
        </div>
      </section>
      {leaving !== null && (
        <ConfirmDialog
          title={strings.accounts.disconnectTitle(leaving.displayName)}
          text={strings.accounts.disconnectText}
          confirm={strings.accounts.disconnect}
          keep={strings.accounts.keep}
          onConfirm={() => disconnect(leaving)}
          onClose={() => setLeaving(null)}
        />
      )}
    </>
  );
}

function ReconnectHint({ client, account }: { client: Client; account: AccountView }) {
  return (
    <div className="menu-account-hint">
      <small>{account.reconnectReason ?? strings.accounts.needsReconnect}</small>
      <a
        className="button button-small"
        aria-label={`${strings.accounts.reconnect} ${account.displayName}`}
        href={client.api.loginUrl({ returnTo: "/", add: true })}
      >
        {strings.accounts.reconnect}
      </a>
    </div>
  );
}
