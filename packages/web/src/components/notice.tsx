/**
 * A sentence that wants attention. Errors interrupt a screen reader, the others wait their turn; a quiet one is only read
 * where it stands, because something else announces it.
 */
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

type Tone = "info" | "warning" | "error" | "success";

export function Notice(props: {
  tone: Tone;
  children: ReactNode;
  action?: ReactNode;
  isQuiet?: boolean;
}) {
  const { tone, children, action, isQuiet = false } = props;
  const role = tone === "error" ? "alert" : "status";
  return (
    <div className={`notice notice-${tone}`} {...(isQuiet ? {} : { role })}>
      <Icon name={tone === "success" ? "check" : tone === "info" ? "info" : "alert"} />
      <div className="notice-text">{children}</div>
      {action}
    </div>
  );
}
