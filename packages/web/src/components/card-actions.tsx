/** What can be done about a publication that is on its way: pause and resume, try again, cancel. */
import { useState } from "react";
import { remedyOf } from "../model/remedy.ts";
import { sentenceOfError } from "../model/sentence.ts";
import type { Activity } from "../state/activity.ts";
import type { Entry } from "../state/entries.ts";
import { strings } from "../strings.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

export function CardActions({ entry, activity }: { entry: Entry; activity: Activity }) {
  const { view } = entry;
  const text = strings.activity;
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const cancel = () => {
    setFailure(null);
    activity.cancel(view.id).catch((error: unknown) => setFailure(sentenceOfError(error)));
  };
  return (
    <div className="card-actions">
      <UploadActions entry={entry} activity={activity} />
      {view.isCancelRequested ? (
        <span className="field-hint">{text.cancelling}</span>
      ) : (
        <button
          type="button"
          className="button button-quiet button-small"
          onClick={() => setIsAsking(true)}
        >
          {text.cancel}
        </button>
      )}
      {failure !== null && <p className="field-error">{`${text.cancelFailed} ${failure}`}</p>}
      {isAsking && (
        <ConfirmDialog
          title={text.cancelTitle}
          text={text.cancelText}
          confirm={text.cancelYes}
          keep={text.cancelKeep}
          onConfirm={cancel}
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  );
}

function UploadActions({ entry, activity }: { entry: Entry; activity: Activity }) {
  const { view, upload } = entry;
  const button = (label: string, onClick: () => void) => (
    <button type="button" className="button button-small" onClick={onClick}>
      {label}
    </button>
  );
  switch (upload?.status) {
    case "starting":
    case "uploading":
      return button(strings.activity.pause, () => activity.pause(view.id));
    case "paused":
      return button(strings.activity.resume, () => activity.resume(view.id));
    case "failed":
      if (remedyOf(upload.error) !== "retry") return null;
      return button(strings.tryAgain, () => activity.tryAgain(view));
    default:
      return null;
  }
}
