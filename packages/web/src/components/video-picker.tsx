/** Where posts begin while there is no video: an invitation to drop, paste or choose. */
import { useId } from "react";
import type { Picked } from "../model/picked.ts";
import { strings } from "../strings.ts";
import { FileButton } from "./file-button.tsx";
import { Icon } from "./icon.tsx";

export function VideoPicker(props: {
  maxFileBytes: number;
  onPick: (picked: readonly Picked[]) => void;
}) {
  const hintId = useId();
  return (
    <div className="picker">
      <span className="picker-icon">
        <Icon name="upload" />
      </span>
      <p className="picker-title">{strings.picker.drop}</p>
      <p className="picker-or">{strings.picker.or}</p>
      <FileButton
        label={strings.picker.choose}
        look="primary"
        describedBy={hintId}
        onPick={props.onPick}
      />
      <p className="picker-hint" id={hintId}>
        {strings.picker.hint(props.maxFileBytes)}
      </p>
    </div>
  );
}
