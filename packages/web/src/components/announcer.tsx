/**
 * Tells screen readers what changed, and only that: a change of status, and each quarter of an upload. Bars that speak
 * at every step would drown everything else.
 */
import { useEffect, useRef, useState } from "react";
import { formatPercent } from "../model/format.ts";
import type { Entry } from "../state/entries.ts";
import { strings } from "../strings.ts";

export function Announcer({ entries }: { entries: readonly Entry[] }) {
  const known = useRef(new Map<string, string>());
  const [message, setMessage] = useState("");
  useEffect(() => {
    for (const entry of entries) {
      const { id, file } = entry.view;
      const now = milestoneOf(entry);
      const before = known.current.get(id);
      known.current.set(id, now);
      if (before !== undefined && before !== now) setMessage(`${file.name}: ${now}`);
    }
  }, [entries]);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {message}
    </p>
  );
}

function milestoneOf({ view, upload }: Entry): string {
  if (upload === null || view.status !== "uploading") return strings.status[view.status];
  if (upload.status === "paused") return strings.status.paused;
  if (upload.status === "failed") return strings.status.interrupted;
  const { sentBytes, totalBytes } = upload.progress;
  return `${strings.status.uploading}, ${Math.floor(formatPercent(sentBytes, totalBytes) / 25) * 25} %`;
}
