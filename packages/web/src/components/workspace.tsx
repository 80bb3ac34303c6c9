/**
 * What a creator works with: the composer beside everything that is on its way, or one publication at its own address.
 * The composer is kept while that is looked at, with all that was filled in. Leaving during an upload warns.
 */
import type { Client, MeResponse } from "@clipcast/client";
import { useEffect, useRef, useState } from "react";
import { formatPercent } from "../model/format.ts";
import type { Activity } from "../state/activity.ts";
import { type Entry, isUploadingHere } from "../state/entries.ts";
import { useLeaveWarning } from "../state/leave-warning.ts";
import { useRoute } from "../state/route.ts";
import type { Session } from "../state/session.ts";
import { lookAgain, signInUrl } from "../state/sign-in.ts";
import type { Stakes } from "../state/stake.ts";
import { useStore } from "../state/store.ts";
import { strings } from "../strings.ts";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { History } from "./history.tsx";
import { Notice } from "./notice.tsx";
import { PublicationPage } from "./publication-page.tsx";
import { SignInLink } from "./sign-in-link.tsx";

export function Workspace(props: {
  client: Client;
  session: Session;
  activity: Activity;
  stakes: Stakes;
  me: MeResponse;
}) {
  const { client, session, activity, me } = props;
  const signedIn = useStore(session);
  const hasExpired = signedIn.type === "signed_in" && signedIn.hasExpired;
  const state = useStore(activity);
  const { entries } = state;
  const route = useRoute();
  const isOnline = useOnline();
  const main = useRef<HTMLElement>(null);
  useFreshness(session, activity, isOnline);
  useLeaveWarning(entries.some(isUploadingHere));
  useTitle(entries);
  const [postCount, setPostCount] = useState(0);
  useEffect(() => {
    if (postCount === 0) return;
    // The form is gone once a post is on its way; the focus follows to where it can be watched.
    const title = main.current?.querySelector<HTMLElement>("#history-title");
    title?.focus({ preventScroll: true });
    // On a wide screen it is in sight already.
    const top = title?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > innerHeight / 2) title?.scrollIntoView();
  }, [postCount]);
  const isHome = route.type !== "publication";
  const url = signInUrl(client);
  return (
    <main ref={main} className={isHome ? "workspace" : "workspace workspace-single"}>
      <Announcer entries={entries} />
      {!isOnline && (
        <div className="page-alert">
          <Notice tone="warning">{strings.offline}</Notice>
        </div>
      )}
      {hasExpired && (
        <div className="page-alert">
          <Notice tone="warning" action={<SignInLink url={url} />}>
            {strings.signIn.again}
          </Notice>
        </div>
      )}
      <div className="workspace-composer" hidden={!isHome}>
        <Composer
          client={client}
          me={me}
          activity={activity}
          stakes={props.stakes}
          onPosted={() => setPostCount((count) => count + 1)}
          onSessionOver={session.lose}
          onAccountLost={session.load}
        />
      </div>
      {isHome ? (
        <History activity={activity} state={state} accounts={me.accounts} signInUrl={url} />
      ) : (
        <PublicationPage
          key={route.publicationId}
          activity={activity}
          state={state}
          accounts={me.accounts}
          publicationId={route.publicationId}
          signInUrl={url}
        />
      )}
    </main>
  );
}

function useOnline(): boolean {
  const [isOnline, setIsOnline] = useState(() => navigator.onLine);
  useEffect(() => {
    const update = () => setIsOnline(navigator.onLine);
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return isOnline;
}

/** Looks again whenever the connection or the creator comes back. */
function useFreshness(session: Session, activity: Activity, isOnline: boolean) {
  const wasOffline = useRef(false);
  useEffect(() => {
    if (isOnline && wasOffline.current) void lookAgain(session, activity);
    wasOffline.current = !isOnline;
  }, [session, activity, isOnline]);
  useEffect(() => {
    const onVisible = () => {
      if (document.visibilityState === "visible") void lookAgain(session, activity);
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [session, activity]);
}

/** The tab's title tells how far the upload is, for whoever works in another tab meanwhile. */
function useTitle(entries: readonly Entry[]) {
  const here = entries.filter(isUploadingHere);
  const sentBytes = here.reduce((sum, { upload }) => sum + (upload?.sentBytes ?? 0), 0);
  const totalBytes = here.reduce((sum, { view }) => sum + view.file.bytes, 0);
  const percent = here.length === 0 ? null : formatPercent(sentBytes, totalBytes);
  useEffect(() => {
    document.title = percent === null ? strings.product : `${percent} % · ${strings.product}`;
  }, [percent]);
  // What was on its way is nobody's business once its creator has signed out.
  useEffect(
    () => () => {
      document.title = strings.product;
    },
    [],
  );
}
