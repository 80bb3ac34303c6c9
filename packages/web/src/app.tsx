/** Which of its faces the page shows: loading, signed out, unreachable, or the workspace. */
import type { Client } from "@clipcast/client";
import { useEffect } from "react";
import { LoginAlert } from "./components/login-alert.tsx";
import { PageFooter } from "./components/page-footer.tsx";
import { Skeleton } from "./components/skeleton.tsx";
import { TopBar } from "./components/top-bar.tsx";
import { Unreachable } from "./components/unreachable.tsx";
import { Welcome } from "./components/welcome.tsx";
import { Workspace } from "./components/workspace.tsx";
import type { Activity } from "./state/activity.ts";
import type { Session, SessionState } from "./state/session.ts";
import { useStore } from "./state/store.ts";
import { strings } from "./strings.ts";

type AppProps = { client: Client; session: Session; activity: Activity };

export function App(props: AppProps) {
  const { client, session } = props;
  const state = useStore(session);
  useEffect(() => void session.load(), [session]);
  return (
    <>
      <TopBar
        client={client}
        session={session}
        me={state.type === "signed_in" && state.me.accounts.length > 0 ? state.me : null}
      />
      <LoginAlert />
      <Face {...props} state={state} />
      <PageFooter />
    </>
  );
}

function Face(props: AppProps & { state: SessionState }) {
  const { state, client, session } = props;
  switch (state.type) {
    case "loading":
      return (
        <main className="waiting" aria-busy="true">
          <Skeleton label={strings.loading} rows={4} />
        </main>
      );
    case "signed_out":
      return <Welcome client={client} hasExpired={state.hasExpired} />;
    case "unreachable":
      return <Unreachable onRetry={session.load} />;
    case "signed_in":
      // A user whose last account was disconnected has nothing to post with.
      return state.me.accounts.length === 0 ? (
        <Welcome client={client} hasExpired={false} />
      ) : (
        <Workspace {...props} me={state.me} />
      );
  }
}
