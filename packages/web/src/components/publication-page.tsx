/**
 * One publication at an address of its own: how it stands, what was posted, and what happened when. Somebody else's is
 * calmly not there.
 */
import type { AccountView } from "@clipcast/client";
import { useEffect, useRef, useState } from "react";
import { formatMoment } from "../model/format.ts";
import type { Activity } from "../state/activity.ts";
import type { Entry } from "../state/entries.ts";
import { follow } from "../state/route.ts";
import type { ShelfState } from "../state/shelf.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { PostDetails } from "./post-details.tsx";
import { PublicationCard } from "./publication-card.tsx";
import { Skeleton } from "./skeleton.tsx";
import "../styles/publication-page.css";

type Lookup = "loading" | Awaited<ReturnType<Activity["find"]>>;

export function PublicationPage(props: {
  activity: Activity;
  state: ShelfState;
  accounts: readonly AccountView[];
  publicationId: string;
  signInUrl: string;
}) {
  const { activity, state, accounts, publicationId, signInUrl } = props;
  const [lookup, setLookup] = useState<Lookup>("loading");
  const back = useRef<HTMLAnchorElement>(null);
  const entry = state.entries.find(({ view }) => view.id === publicationId);
  const look = () => {
    setLookup("loading");
    void activity.find(publicationId).then(setLookup);
  };
  useEffect(look, [publicationId, activity]);
  useEffect(() => back.current?.focus({ preventScroll: true }), []);
  return (
    <section className="publication-page" aria-busy={lookup === "loading"}>
      <a ref={back} className="back-link" href="/" onClick={follow}>
        <Icon name="chevron" />
        {strings.activity.all}
      </a>
      {entry !== undefined ? (
        <>
          <PublicationCard entry={entry} activity={activity} signInUrl={signInUrl} isAlone />
          <PostDetails view={entry.view} accounts={accounts} />
          <Timeline entry={entry} />
        </>
      ) : (
        <Absence lookup={lookup} onRetry={look} />
      )}
    </section>
  );
}

function Absence({ lookup, onRetry }: { lookup: Lookup; onRetry: () => void }) {
  const text = strings.detail;
  if (lookup === "loading" || lookup === "found") return <Skeleton label={text.loading} rows={2} />;
  if (lookup === "failed") {
    const again = (
      <button type="button" className="button button-small" onClick={onRetry}>
        {strings.tryAgain}
      </button>
    );
    return (
      <Notice tone="error" action={again}>
        {text.failed}
      </Notice>
    );
  }
  return (
    <div className="empty" role="status">
      <Icon name="film" />
      <h1>{text.missing}</h1>
      <p>{text.missingText}</p>
    </div>
  );
}

function Timeline({ entry: { view } }: { entry: Entry }) {
  if (view.history.length === 0) return null;
  return (
    <section className="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{strings.activity.timeline}</h2>
      <ol>
        {view.history.map(({ atMs, status }) => (
          <li key={`${atMs} ${status}`}>
            <span>{strings.status[status]}</span>
            <time dateTime={new Date(atMs).toISOString()}>{formatMoment(atMs, Date.now())}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}
