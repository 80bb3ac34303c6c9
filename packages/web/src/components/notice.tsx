/** A sentence that wants attention. Errors interrupt a screen reader, the others wait their turn. */
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

type Tone = "info" | "warning" | "error" | "success";

export function Notice(props: { tone: Tone; children: ReactNode; action?: ReactNode }) {
  const { tone, children, action } = props;
  return (
    <div className={`notice notice-${tone}`} role={tone === "error" ? "alert" : "status"}>
      <Icon name={tone === "success" ? "check" : tone === "info" ? "info" : "alert"} />
      <div className="notice-text">{children}</div>
      {action}
    </div>
  );
}
