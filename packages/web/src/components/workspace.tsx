/** What a creator works with: the composer beside everything that is on its way. Leaving during an upload warns. */
import type { Client, MeResponse } from "@clipcast/client";
import { useEffect, useRef, useState } from "react";
import { formatPercent } from "../model/format.ts";
import { remedyOf } from "../model/remedy.ts";
import type { Activity } from "../state/activity.ts";
import { type Entry, isUploading } from "../state/entries.ts";
import type { Session } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { strings } from "../strings.ts";
import { Composer } from "./composer.tsx";
import { History } from "./history.tsx";
import { Notice } from "./notice.tsx";

export function Workspace(props: {
  client: Client;
  session: Session;
  activity: Activity;
  me: MeResponse;
}) {
  const { client, session, activity, me } = props;
  const { entries } = useStore(activity);
  const isOnline = useOnline(() => retryAll(activity));
  const main = useRef<HTMLElement>(null);
  useEffect(() => void activity.load(), [activity]);
  useLeaveWarning(entries.some(isUploading));
  useTitle(entries);
  const [postCount, setPostCount] = useState(0);
  useEffect(() => {
    if (postCount === 0) return;
    // The form is gone once a post is on its way; the focus follows to where it can be watched.
    const title = main.current?.querySelector<HTMLElement>("#history-title");
    title?.focus({ preventScroll: true });
    title?.scrollIntoView({ block: "start" });
  }, [postCount]);
  return (
    <main ref={main} className="workspace">
      {!isOnline && (
        <div className="page-alert">
          <Notice tone="warning">{strings.offline}</Notice>
        </div>
      )}
      <Composer
        client={client}
        me={me}
        activity={activity}
        onPosted={() => setPostCount((count) => count + 1)}
        onSessionOver={session.lose}
      />
      <History activity={activity} />
    </main>
  );
}

function retryAll(activity: Activity) {
  for (const { view, upload } of activity.get().entries) {
    if (upload?.status === "failed" && remedyOf(upload.error) === "retry") activity.tryAgain(view);
  }
}

function useOnline(onBack: () => void): boolean {
  const [isOnline, setIsOnline] = useState(() => navigator.onLine);
  const back = useRef(onBack);
  back.current = onBack;
  useEffect(() => {
    const update = () => {
      setIsOnline(navigator.onLine);
      if (navigator.onLine) back.current();
    };
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return isOnline;
}

function useLeaveWarning(isNeeded: boolean) {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isNeeded]);
}

/** The tab's title tells how far the upload is, for whoever works in another tab meanwhile. */
function useTitle(entries: readonly Entry[]) {
  const local = entries.filter(isUploading).map((entry) => entry.upload?.progress);
  const sum = (key: "sentBytes" | "totalBytes") =>
    local.reduce((total, progress) => total + (progress?.[key] ?? 0), 0);
  const percent = local.length === 0 ? null : formatPercent(sum("sentBytes"), sum("totalBytes"));
  useEffect(() => {
    document.title = percent === null ? strings.product : `${percent} % · ${strings.product}`;
  }, [percent]);
}
