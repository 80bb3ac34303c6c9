/** How it stands in words: what to do with the tab, what is being waited for, how it ended, and where to look. */
import type { PublicationView } from "@clipcast/client";
import { formatMoment } from "../model/format.ts";
import { publicLevel } from "../model/privacy.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";
import { OutsideLink } from "./sentence.tsx";

export function Outcome({ view, isLocal }: { view: PublicationView; isLocal: boolean }) {
  const { activity, outcome } = strings;
  return (
    <>
      {isLocal && <p className="card-note">{activity.keepOpen}</p>}
      {view.waiting !== null && (
        <Notice tone="warning">
          {view.waiting.reason}{" "}
          {activity.waitingUntil(formatMoment(view.waiting.untilMs, Date.now()))}
        </Notice>
      )}
      {(view.status === "queued" || view.status === "relaying") && (
        <Notice tone="success">{activity.mayClose}</Notice>
      )}
      {view.status === "processing" && <p className="card-note">{outcome.processing}</p>}
      {view.status === "failed" && (
        <Notice tone="error">{view.failure?.message ?? strings.unknownError}</Notice>
      )}
      {view.status === "in_inbox" && <p className="card-note">{outcome.in_inbox}</p>}
      {view.status === "cancelled" && <p className="card-note">{outcome.cancelled}</p>}
      {view.status === "published" && <Published view={view} />}
    </>
  );
}

function Published({ view }: { view: PublicationView }) {
  const { activity, outcome } = strings;
  const url = view.postUrl ?? view.profileUrl;
  const { post } = view;
  const isPublic = post.mode === "direct" && post.privacyLevel === publicLevel;
  const quiet = isPublic ? outcome.publishedSoon : outcome.publishedQuietly;
  return (
    <p className="card-note card-outcome">
      <span>{view.postUrl === null ? quiet : outcome.published}</span>
      {url !== null && (
        <OutsideLink href={url}>
          {view.postUrl === null ? activity.profile : activity.view}
          <Icon name="link" />
        </OutsideLink>
      )}
    </p>
  );
}
