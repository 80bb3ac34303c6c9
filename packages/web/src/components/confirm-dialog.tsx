/** Asks before something that cannot be undone. The browser's own dialog keeps focus and Escape right. */
import { useEffect, useId, useRef } from "react";

export function ConfirmDialog(props: {
  title: string;
  /** A paragraph, or several. */
  text: string | readonly string[];
  confirm: string;
  keep: string;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={props.onClose}>
      <h2 id={titleId}>{props.title}</h2>
      {[props.text].flat().map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          {props.keep}
        </button>
        <button
          type="button"
          className="button button-danger"
          onClick={() => {
            props.onConfirm();
            dialog.current?.close();
          }}
        >
          {props.confirm}
        </button>
      </div>
    </dialog>
  );
}
