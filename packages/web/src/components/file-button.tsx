/**
 * Asks for videos. Where the browser can hand out lasting handles its newer dialog is used, since with a handle an upload
 * survives a reload; everywhere else, and for assistive technology, this is the file input that it looks like.
 */
import type { MouseEvent } from "react";
import { openFilePicker, type Picked, pickedFiles, pickedHandles } from "../model/picked.ts";
import { strings } from "../strings.ts";

const extensionsByType = {
  "video/mp4": [".mp4", ".m4v"],
  "video/quicktime": [".mov"],
  "video/webm": [".webm"],
};
const accept = Object.entries(extensionsByType).flat(2).join(",");

export function FileButton(props: {
  label: string;
  look: "primary" | "plain";
  describedBy?: string;
  onPick: (picked: readonly Picked[]) => void;
}) {
  const { label, look, describedBy, onPick } = props;
  const askForHandles = (event: MouseEvent) => {
    const open = openFilePicker();
    if (open === null) return;
    event.preventDefault();
    open({
      multiple: true,
      types: [{ description: strings.picker.label, accept: extensionsByType }],
    }).then(
      async (handles) => onPick(await pickedHandles(handles)),
      // Closed without a choice.
      () => undefined,
    );
  };
  return (
    <label className={`button button-${look} file-button`}>
      {label}
      <input
        type="file"
        multiple
        accept={accept}
        aria-label={strings.picker.label}
        aria-describedby={describedBy}
        onClick={askForHandles}
        onChange={(event) => {
          const picked = pickedFiles(event.target.files ?? []);
          // The same file chosen twice should count twice.
          event.target.value = "";
          if (picked.length > 0) onPick(picked);
        }}
      />
    </label>
  );
}
