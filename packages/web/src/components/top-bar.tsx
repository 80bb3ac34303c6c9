/** The bar above everything: whose page this is, and the menu of accounts. */
import type { Client, MeResponse } from "@clipcast/client";
import { follow } from "../state/route.ts";
import type { Session } from "../state/session.ts";
import type { Stakes } from "../state/stake.ts";
import { strings } from "../strings.ts";
import { AccountMenu } from "./account-menu.tsx";
import { BrandMark } from "./icon.tsx";

export function TopBar(props: {
  client: Pick<Client, "api">;
  session: Session;
  stakes: Stakes;
  me: MeResponse | null;
}) {
  return (
    <header className="top-bar">
      <div className="top-bar-inner">
        <a className="brand" href="/" onClick={follow}>
          <BrandMark />
          <span>{strings.product}</span>
        </a>
        {props.me !== null && <AccountMenu {...props} me={props.me} />}
      </div>
    </header>
  );
}
