/** One publication: what it is, where it is on its way, what can be done about it, and how it ended. */
import { useId, useRef } from "react";
import { formatBytes, formatMoment } from "../model/format.ts";
import type { Activity } from "../state/activity.ts";
import { type Card, cardOf } from "../state/card.ts";
import type { Entry } from "../state/entries.ts";
import { follow, publicationPath } from "../state/route.ts";
import { strings } from "../strings.ts";
import { CardActions } from "./card-actions.tsx";
import { CardSteps } from "./card-steps.tsx";
import { Icon } from "./icon.tsx";
import { useKeptFocus } from "./kept-focus.ts";
import { Notice } from "./notice.tsx";
import { OutsideLink } from "./sentence.tsx";

export type CardProps = {
  entry: Entry;
  activity: Activity;
  signInUrl: string;
  /** The account's name, where it has to be said. */
  byline?: string | null;
  /** Stands alone on a page of its own, and does not link to it. */
  isAlone?: boolean;
};

export function PublicationCard(props: CardProps) {
  const { entry, activity, signInUrl, byline = null, isAlone = false } = props;
  const { view } = entry;
  const card = cardOf(entry, Date.now());
  const title = titleOf(entry);
  const titleId = useId();
  const article = useRef<HTMLElement>(null);
  useKeptFocus(article);
  return (
    <article
      ref={article}
      className="card"
      aria-labelledby={titleId}
      tabIndex={-1}
      data-status={view.status}
      data-face={card.status}
    >
      <header className="card-head">
        {isAlone ? (
          <h1 id={titleId} className="card-title">
            {title}
          </h1>
        ) : (
          <h3 id={titleId} className="card-title">
            <a href={publicationPath(view.id)} onClick={follow}>
              {title}
            </a>
          </h3>
        )}
        <span className={`pill pill-${card.tone}`}>{strings.status[card.status]}</span>
      </header>
      <p className="card-file">
        {title !== view.file.name && (
          <span className="card-file-name" title={view.file.name}>
            {view.file.name}
          </span>
        )}
        <span>{formatBytes(view.file.bytes)}</span>
        <time dateTime={new Date(view.createdAtMs).toISOString()}>
          {formatMoment(view.createdAtMs, Date.now())}
        </time>
        {view.post.mode === "direct" && (
          <span>{strings.privacyShort[view.post.privacyLevel] ?? view.post.privacyLevel}</span>
        )}
      </p>
      {/* A line of its own: beside the rest there is no room for a name. */}
      {byline !== null && (
        <p className="card-file">
          <span className="card-file-name" title={byline}>
            {byline}
          </span>
        </p>
      )}
      {card.steps.length > 0 && <CardSteps steps={card.steps} />}
      <Outcome card={card} />
      <CardActions
        card={card}
        view={view}
        title={title}
        activity={activity}
        signInUrl={signInUrl}
      />
    </article>
  );
}

export function titleOf({ view }: Pick<Entry, "view">): string {
  const title = view.post.mode === "direct" ? view.post.title : strings.activity.draft;
  return title.trim() || view.file.name;
}

/** How it stands in words, and where to look. The announcer says it; here it is only read. */
function Outcome({ card: { message, link } }: { card: Card }) {
  if (message === null) return null;
  if (message.tone !== "plain") {
    return (
      <Notice tone={message.tone} isQuiet>
        {message.text}
      </Notice>
    );
  }
  return (
    <p className="card-note card-outcome">
      <span>{message.text}</span>
      {link !== null && (
        <OutsideLink href={link.url}>
          {link.text}
          <Icon name="link" />
        </OutsideLink>
      )}
    </p>
  );
}
