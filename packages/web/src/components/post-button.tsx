/**
 * The button that posts. While something is missing it is disabled and says what, to a pointer above it and to
 * whoever reaches it by keyboard; a natively disabled button could be reached by neither.
 */
import { useId } from "react";

export function PostButton(props: { label: string; blocker: string | null; isBusy: boolean }) {
  const { label, blocker, isBusy } = props;
  const id = useId();
  const isDisabled = blocker !== null || isBusy;
  return (
    <div className="post-button">
      <button
        type="submit"
        className="button button-primary button-large"
        aria-disabled={isDisabled}
        aria-describedby={blocker === null ? undefined : id}
      >
        {label}
      </button>
      {blocker !== null && (
        <span id={id} role="tooltip" className="tooltip">
          {blocker}
        </span>
      )}
    </div>
  );
}
