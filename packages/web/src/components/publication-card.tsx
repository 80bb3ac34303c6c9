/** One publication: what it is, where it is on its way, what can be done about it, and how it ended. */
import { formatBytes, formatMoment, formatSpeed, formatWait } from "../model/format.ts";
import { remedyOf } from "../model/remedy.ts";
import { sentenceOfError } from "../model/sentence.ts";
import type { Activity } from "../state/activity.ts";
import { type Entry, isUploading } from "../state/entries.ts";
import { strings } from "../strings.ts";
import { CardActions } from "./card-actions.tsx";
import { Notice } from "./notice.tsx";
import { Outcome } from "./outcome.tsx";
import { ProgressLeg } from "./progress-leg.tsx";
import { ResumePicker } from "./resume-picker.tsx";
import { RetryAction } from "./retry-action.tsx";

export function PublicationCard({ entry, activity }: { entry: Entry; activity: Activity }) {
  const { view, upload } = entry;
  const isLocal = isUploading(entry);
  const isInterrupted = view.status === "uploading" && !isLocal;
  const title = view.post.mode === "direct" ? view.post.title : strings.activity.draft;
  return (
    <article className="card" aria-label={view.file.name} data-status={view.status}>
      <header className="card-head">
        <h3>{title || view.file.name}</h3>
        <StatusPill entry={entry} isInterrupted={isInterrupted} />
      </header>
      <p className="card-file">
        {title !== "" && (
          <span className="card-file-name" title={view.file.name}>
            {view.file.name}
          </span>
        )}
        <span>{formatBytes(view.file.bytes)}</span>
        <time dateTime={new Date(view.createdAtMs).toISOString()}>
          {formatMoment(view.createdAtMs, Date.now())}
        </time>
      </p>
      {!view.isSettled && <Legs entry={entry} />}
      {upload?.status === "failed" && <Notice tone="error">{sentenceOfError(upload.error)}</Notice>}
      {isInterrupted && needsFile(entry) && <ResumePicker entry={entry} activity={activity} />}
      <Outcome view={view} isLocal={isLocal} />
      {!view.isSettled && <CardActions entry={entry} activity={activity} />}
      {view.canRetry && <RetryAction publicationId={view.id} activity={activity} />}
    </article>
  );
}

function needsFile({ upload }: Entry): boolean {
  return upload === null || (upload.status === "failed" && remedyOf(upload.error) === "choose");
}

function StatusPill({ entry, isInterrupted }: { entry: Entry; isInterrupted: boolean }) {
  const { view, upload } = entry;
  const isPaused = upload?.status === "paused";
  const status = isInterrupted ? "interrupted" : isPaused ? "paused" : view.status;
  return <span className={`pill pill-${status}`}>{strings.status[status]}</span>;
}

function Legs({ entry }: { entry: Entry }) {
  const { view, upload } = entry;
  const { storedBytes, relayedBytes, totalBytes } = view.progress;
  const isStored = view.status !== "uploading";
  // What was on its way when an upload stopped has to be sent again.
  const sentBytes =
    upload === null
      ? storedBytes
      : upload.progress[upload.status === "failed" ? "confirmedBytes" : "sentBytes"];
  const isMoving = upload?.status === "uploading";
  const { bytesPerSecond = null, secondsLeft = null } = upload?.progress ?? {};
  const note =
    isMoving && bytesPerSecond !== null
      ? [
          formatSpeed(bytesPerSecond),
          secondsLeft !== null && strings.activity.left(formatWait(secondsLeft)),
        ]
          .filter(Boolean)
          .join(" · ")
      : null;
  return (
    <div className="legs">
      <ProgressLeg
        name={strings.activity.uploadLeg}
        doneBytes={isStored ? totalBytes : sentBytes}
        totalBytes={totalBytes}
        note={note}
      />
      <ProgressLeg
        name={strings.activity.relayLeg}
        doneBytes={relayedBytes}
        totalBytes={totalBytes}
        note={null}
      />
    </div>
  );
}
