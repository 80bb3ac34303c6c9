/** Where a video comes from: dropped, pasted or chosen. */
import { type DragEvent, useEffect, useId, useState } from "react";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";

export function VideoPicker(props: { maxFileBytes: number; onPick: (file: File) => void }) {
  const { maxFileBytes, onPick } = props;
  const [isOver, setIsOver] = useState(false);
  const hintId = useId();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (file !== undefined) onPick(file);
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, [onPick]);

  const drag = (event: DragEvent, isInside: boolean) => {
    event.preventDefault();
    setIsOver(isInside);
  };
  return (
    // Dropping is a second way to what the file input does; the keyboard uses that.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <div
      className={`picker${isOver ? " picker-over" : ""}`}
      onDragEnter={(event) => drag(event, true)}
      onDragOver={(event) => drag(event, true)}
      onDragLeave={(event) => drag(event, false)}
      onDrop={(event) => {
        drag(event, false);
        const file = event.dataTransfer.files[0];
        if (file !== undefined) onPick(file);
      }}
    >
      <span className="picker-icon">
        <Icon name="upload" />
      </span>
      <p className="picker-title">{strings.picker.drop}</p>
      <p className="picker-or">{strings.picker.or}</p>
      <FileButton describedBy={hintId} onPick={onPick} />
      <p className="picker-hint" id={hintId}>
        {strings.picker.hint(maxFileBytes)}
      </p>
    </div>
  );
}

function FileButton(props: { describedBy: string; onPick: (file: File) => void }) {
  return (
    <label className="button button-primary file-button">
      {strings.picker.choose}
      <input
        type="file"
        accept="video/mp4,video/quicktime,video/webm,.mp4,.mov,.webm"
        aria-label={strings.picker.label}
        aria-describedby={props.describedBy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file chosen twice should count twice.
          event.target.value = "";
          if (file !== undefined) props.onPick(file);
        }}
      />
    </label>
  );
}
