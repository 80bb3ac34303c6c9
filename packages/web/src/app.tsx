/** Which of its faces the page shows: loading, signed out, unreachable, or the workspace. */
import type { Client } from "@clipcast/client";
import { useCallback, useEffect, useState } from "react";
import { LoginAlert } from "./components/login-alert.tsx";
import { PageFooter } from "./components/page-footer.tsx";
import { SignedIn } from "./components/signed-in.tsx";
import { Skeleton } from "./components/skeleton.tsx";
import { TopBar } from "./components/top-bar.tsx";
import { Unreachable } from "./components/unreachable.tsx";
import { Welcome } from "./components/welcome.tsx";
import { useRoute } from "./state/route.ts";
import type { Session, SessionState } from "./state/session.ts";
import type { Stakes } from "./state/stake.ts";
import { useStore } from "./state/store.ts";
import type { Tabs } from "./state/tabs.ts";
import { strings } from "./strings.ts";
import type { Workbench } from "./workbench.tsx";

type AppProps = { client: Pick<Client, "api">; session: Session; tabs: Tabs; stakes: Stakes };

export function App(props: AppProps) {
  const { client, session, stakes } = props;
  const state = useStore(session);
  const [bench, loadBench] = useWorkbench(props);
  useEffect(() => void session.load(), [session]);
  return (
    <>
      <TopBar
        client={client}
        session={session}
        stakes={stakes}
        me={state.type === "signed_in" && state.me.accounts.length > 0 ? state.me : null}
      />
      <LoginAlert />
      <Face {...props} state={state} bench={bench} onReload={loadBench} />
      <PageFooter />
    </>
  );
}

function Face(props: AppProps & { state: SessionState; bench: Bench; onReload: () => void }) {
  const { state, client, session, bench } = props;
  const route = useRoute();
  switch (state.type) {
    case "loading":
      return <Waiting />;
    case "signed_out":
      return <Welcome client={client} hasExpired={state.hasExpired} />;
    case "unreachable":
      return <Unreachable onRetry={session.load} />;
    case "signed_in":
      if (route.type === "signed_in" && !state.hasExpired) return <SignedIn />;
      // A user whose last account was disconnected has nothing to post with.
      if (state.me.accounts.length === 0) return <Welcome client={client} hasExpired={false} />;
      if (bench === "loading") return <Waiting />;
      if (bench === "failed") return <Unreachable onRetry={async () => props.onReload()} />;
      // Nothing that one user has filled in is another's.
      return <bench.Workbench key={state.me.userId} me={state.me} />;
  }
}

function Waiting() {
  return (
    <main className="waiting" aria-busy="true">
      <h1 className="visually-hidden">{strings.product}</h1>
      <Skeleton label={strings.loading} rows={4} />
    </main>
  );
}

type Bench = "loading" | "failed" | { Workbench: Workbench };

/** Fetched beside the question who is signed in, and made once. */
function useWorkbench({ session, tabs, stakes }: AppProps): [Bench, () => void] {
  const [bench, setBench] = useState<Bench>("loading");
  const load = useCallback(() => {
    setBench("loading");
    import("./workbench.tsx").then(
      ({ openWorkbench }) => setBench({ Workbench: openWorkbench({ session, tabs, stakes }) }),
      () => setBench("failed"),
    );
  }, [session, tabs, stakes]);
  useEffect(load, [load]);
  return [bench, load];
}
