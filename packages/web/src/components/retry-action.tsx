/** Another attempt after a failure, while storage still has the video. */
import { useState } from "react";
import { sentenceOfError } from "../model/sentence.ts";
import type { Activity } from "../state/activity.ts";
import { strings } from "../strings.ts";

export function RetryAction({
  publicationId,
  activity,
}: {
  publicationId: string;
  activity: Activity;
}) {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const retry = async () => {
    setIsBusy(true);
    setFailure(null);
    try {
      await activity.retry(publicationId);
    } catch (error) {
      setFailure(sentenceOfError(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className="card-actions">
      <button
        type="button"
        className="button button-small"
        aria-disabled={isBusy}
        onClick={() => void (isBusy ? undefined : retry())}
      >
        {strings.tryAgain}
      </button>
      <span className="field-hint">{strings.activity.retryHint}</span>
      {failure !== null && <p className="field-error">{failure}</p>}
    </div>
  );
}
