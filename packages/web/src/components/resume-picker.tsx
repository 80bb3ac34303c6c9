/** Asks for the file of an interrupted upload: by handle where the browser can, so that it need not ask twice. */
import type { MouseEvent } from "react";
import { openFilePicker, type Picked, pickedFiles, pickedHandles } from "../model/picked.ts";
import { strings } from "../strings.ts";

const extensions = [".mp4", ".m4v", ".mov", ".webm"];

export function ResumePicker(props: {
  name: string;
  onChoose: (chosen: Picked) => void;
  onFailure: (error: unknown) => void;
}) {
  const { name, onChoose, onFailure } = props;
  const take = ([chosen]: readonly Picked[]) => {
    if (chosen !== undefined) onChoose(chosen);
  };
  const askForHandle = (event: MouseEvent) => {
    const open = openFilePicker();
    if (open === null) return;
    event.preventDefault();
    const types = [{ description: strings.picker.label, accept: { "video/*": extensions } }];
    open({ multiple: false, types })
      // Closed without a choice.
      .catch(() => [])
      .then(pickedHandles)
      .then(take)
      .catch(onFailure);
  };
  return (
    <label className="button button-primary button-small file-button">
      {strings.action.choose}
      <input
        type="file"
        accept={extensions.join(",")}
        aria-label={name}
        onClick={askForHandle}
        onChange={(event) => {
          const chosen = pickedFiles(event.target.files ?? []);
          // The same file chosen twice should count twice.
          event.target.value = "";
          take(chosen);
        }}
      />
    </label>
  );
}
