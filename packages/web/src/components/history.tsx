/** Everything that was posted or is on its way, newest first, a page at a time. */
import type { AccountView } from "@clipcast/client";
import { useEffect, useRef } from "react";
import { bylineOf } from "../model/summary.ts";
import type { Activity } from "../state/activity.ts";
import type { ShelfState } from "../state/shelf.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { PublicationCard } from "./publication-card.tsx";
import { Skeleton } from "./skeleton.tsx";

export function History(props: {
  activity: Activity;
  state: ShelfState;
  accounts: readonly AccountView[];
  signInUrl: string;
}) {
  const { activity, state, accounts, signInUrl } = props;
  const { phase, nextCursor } = state;
  const entries = state.entries.filter(({ isListed }) => isListed);
  const text = strings.activity;
  return (
    <section className="history" aria-labelledby="history-title" aria-busy={phase === "loading"}>
      <div className="section-head">
        <h2 id="history-title" tabIndex={-1}>
          {text.title}
        </h2>
      </div>
      {phase === "failed" && (
        <Notice
          tone="error"
          action={
            <button
              type="button"
              className="button button-small"
              onClick={() => void activity.refresh()}
            >
              {strings.tryAgain}
            </button>
          }
        >
          {text.failed}
        </Notice>
      )}
      {phase === "loading" && entries.length === 0 && <Skeleton label={text.loading} rows={2} />}
      {phase === "ready" && entries.length === 0 && (
        <div className="empty">
          <Icon name="film" />
          <p>{text.empty}</p>
        </div>
      )}
      <ul className="cards">
        {entries.map((entry) => (
          <li key={entry.view.id}>
            <PublicationCard
              entry={entry}
              activity={activity}
              byline={bylineOf(entry.view, accounts)}
              signInUrl={signInUrl}
            />
          </li>
        ))}
      </ul>
      {nextCursor !== null && <MoreButton activity={activity} state={state} />}
    </section>
  );
}

function MoreButton({ activity, state }: { activity: Activity; state: ShelfState }) {
  const { more } = state;
  const button = useRef<HTMLButtonElement>(null);
  const countBefore = useRef<number | null>(null);
  const count = state.entries.length;
  // The keyboard goes on where the new ones begin, and not behind them.
  useEffect(() => {
    const before = countBefore.current;
    if (before === null || count <= before || document.activeElement !== button.current) return;
    countBefore.current = null;
    const cards = button.current?.parentElement?.querySelectorAll<HTMLElement>("article");
    cards?.[before]?.focus({ preventScroll: true });
  }, [count]);
  const load = () => {
    countBefore.current = button.current?.parentElement?.querySelectorAll("article").length ?? null;
    void activity.loadMore();
  };
  return (
    <>
      {more === "failed" && <Notice tone="error">{strings.activity.failed}</Notice>}
      <button
        ref={button}
        type="button"
        className="button button-wide"
        aria-disabled={more === "loading"}
        onClick={() => more !== "loading" && load()}
      >
        {more === "loading" ? strings.activity.moreLoading : strings.activity.more}
      </button>
    </>
  );
}
