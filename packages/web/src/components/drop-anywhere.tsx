/**
 * Takes files that are dropped or pasted anywhere on the page. Without it a browser would leave the page and play what
 * was dropped beside a target, in the middle of an upload. Whoever has handled a drop already has prevented its default.
 */
import { useEffect, useState } from "react";
import { type Picked, pickedFiles, pickedItems } from "../model/picked.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";

export function DropAnywhere({ onPick }: { onPick: (picked: readonly Picked[]) => void }) {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    // Each element under the pointer reports its own coming and going.
    let depth = 0;
    const on = <K extends keyof WindowEventMap>(
      type: K,
      listener: (event: WindowEventMap[K]) => void,
    ) => addEventListener(type, listener, { signal: stop.signal });
    on("dragenter", (event) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setIsOver(true);
    });
    on("dragleave", (event) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setIsOver(false);
    });
    on("dragover", (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    on("drop", (event) => {
      depth = 0;
      setIsOver(false);
      if (event.defaultPrevented || event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      void pickedItems(event.dataTransfer.items).then(
        (picked) => picked.length > 0 && onPick(picked),
      );
    });
    on("paste", (event) => {
      const picked = pickedFiles(event.clipboardData?.files ?? []);
      if (picked.length === 0 || event.defaultPrevented) return;
      event.preventDefault();
      onPick(picked);
    });
    return () => stop.abort();
  }, [onPick]);
  return (
    isOver && (
      <div className="drop-veil" aria-hidden="true">
        <p>
          <Icon name="upload" />
          {strings.picker.dropNow}
        </p>
      </div>
    )
  );
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") === true;
}
