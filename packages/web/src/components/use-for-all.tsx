/** Ten videos are not ten times the labour: what was set for this one, for all; who can view each stays a choice. */
import { useState } from "react";
import type { Draft } from "../model/draft.ts";
import { strings } from "../strings.ts";

export function UseForAll(props: { draft: Draft; videoCount: number; onUseForAll: () => void }) {
  const { draft, videoCount, onUseForAll } = props;
  /** The draft whose settings all have; a later change makes it old news. */
  const [used, setUsed] = useState<Draft | null>(null);
  return (
    <div className="use-for-all">
      <button
        type="button"
        className="button button-small"
        onClick={() => {
          onUseForAll();
          setUsed(draft);
        }}
      >
        {strings.tray.useForAll(videoCount)}
      </button>
      <p className="field-hint" role="status">
        {used === draft ? strings.tray.usedForAll(videoCount) : strings.tray.useForAllHint}
      </p>
    </div>
  );
}
