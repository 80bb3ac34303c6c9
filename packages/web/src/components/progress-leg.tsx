/** One leg of the way, as a bar with its name and how far it is. */
import { useId } from "react";
import { formatBytes, formatPercent } from "../model/format.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";

export function ProgressLeg(props: {
  name: string;
  doneBytes: number;
  totalBytes: number;
  /** Speed and time left, or nothing. */
  note: string | null;
}) {
  const { name, doneBytes, totalBytes, note } = props;
  const id = useId();
  const percent = formatPercent(doneBytes, totalBytes);
  const isComplete = totalBytes > 0 && doneBytes >= totalBytes;
  return (
    <div className={isComplete ? "leg leg-complete" : "leg"}>
      <div className="leg-head">
        <span id={id}>{name}</span>
        <span className="leg-percent">{isComplete ? <Icon name="check" /> : `${percent} %`}</span>
      </div>
      <progress value={doneBytes} max={Math.max(1, totalBytes)} aria-labelledby={id}>
        {percent} %
      </progress>
      {!isComplete && doneBytes > 0 && (
        <p className="leg-note">
          <span>{strings.activity.stored(formatBytes(doneBytes), formatBytes(totalBytes))}</span>
          {note !== null && <span>{note}</span>}
        </p>
      )}
    </div>
  );
}
