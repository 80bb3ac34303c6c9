/** Asks for the file of an interrupted upload, and takes it up when it is the right one. */
import { useState } from "react";
import { sentenceOfError } from "../model/sentence.ts";
import type { Activity } from "../state/activity.ts";
import type { Entry } from "../state/entries.ts";
import { strings } from "../strings.ts";

export function ResumePicker({ entry, activity }: { entry: Entry; activity: Activity }) {
  const [failure, setFailure] = useState<string | null>(null);
  const { view, upload } = entry;
  const take = (file: File) => {
    setFailure(null);
    activity.takeUp(view, file).then(
      (isSame) => setFailure(isSame ? null : strings.activity.different),
      (error: unknown) => setFailure(sentenceOfError(error)),
    );
  };
  return (
    <div className="resume">
      {upload === null && <p className="resume-ask">{strings.activity.unfinished}</p>}
      <label className="button button-small file-button">
        {strings.activity.chooseAgain}
        <input
          type="file"
          accept="video/*,.mp4,.mov,.webm"
          aria-label={`${strings.activity.chooseAgain}: ${view.file.name}`}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file !== undefined) take(file);
          }}
        />
      </label>
      {failure !== null && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}
