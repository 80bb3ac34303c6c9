/** Everything that was posted or is on its way, newest first. */
import { useState } from "react";
import type { Activity } from "../state/activity.ts";
import { useStore } from "../state/store.ts";
import { strings } from "../strings.ts";
import { Announcer } from "./announcer.tsx";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { PublicationCard } from "./publication-card.tsx";
import { Skeleton } from "./skeleton.tsx";

export function History({ activity }: { activity: Activity }) {
  const { phase, entries, nextCursor } = useStore(activity);
  const text = strings.activity;
  return (
    <section className="history" aria-labelledby="history-title">
      <div className="section-head">
        <h2 id="history-title" tabIndex={-1}>
          {text.title}
        </h2>
      </div>
      <Announcer entries={entries} />
      {phase === "failed" && (
        <Notice
          tone="error"
          action={
            <button
              type="button"
              className="button button-small"
              onClick={() => void activity.load()}
            >
              {strings.tryAgain}
            </button>
          }
        >
          {text.failed}
        </Notice>
      )}
      {phase === "loading" && <Skeleton label={text.loading} rows={2} />}
      {phase === "ready" && entries.length === 0 && (
        <div className="empty">
          <Icon name="film" />
          <p>{text.empty}</p>
        </div>
      )}
      <ul className="cards">
        {entries.map((entry) => (
          <li key={entry.view.id}>
            <PublicationCard entry={entry} activity={activity} />
          </li>
        ))}
      </ul>
      {nextCursor !== null && <MoreButton activity={activity} />}
    </section>
  );
}

function MoreButton({ activity }: { activity: Activity }) {
  const [state, setState] = useState<"ready" | "loading" | "failed">("ready");
  const more = () => {
    setState("loading");
    activity.loadMore().then(
      () => setState("ready"),
      () => setState("failed"),
    );
  };
  return (
    <>
      {state === "failed" && <Notice tone="error">{strings.activity.failed}</Notice>}
      <button
        type="button"
        className="button button-wide"
        aria-disabled={state === "loading"}
        onClick={() => state !== "loading" && more()}
      >
        {strings.activity.more}
      </button>
    </>
  );
}
