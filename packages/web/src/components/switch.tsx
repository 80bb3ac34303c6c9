/** A setting that is off or on, with what it means beside it. */
import { useId } from "react";

export function Switch(props: {
  name: string;
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const { name, hint, isOn, onChange } = props;
  const id = useId();
  return (
    <label className="switch">
      <span>
        <strong>{name}</strong>
        <small id={id}>{hint}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        aria-checked={isOn}
        aria-label={name}
        aria-describedby={id}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  );
}
