/**
 * Where posts begin: files from anywhere on the page, the picker while there is none, and the editor once there is one.
 *
 * The editor arrives in a chunk of its own, so that the first load stays small; it is fetched while the creator looks
 * for a file. If that fails, what was chosen waits for the next attempt.
 *
 * Files and consent do not survive the page, so a reload brings no form back; leaving one that is filled in warns, and so does signing out.
 */
import type { Client, MeResponse } from "@clipcast/client";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Activity } from "../state/activity.ts";
import { isFilledIn } from "../state/filling.ts";
import { useLeaveWarning } from "../state/leave-warning.ts";
import { probe } from "../state/probe.ts";
import type { Stakes } from "../state/stake.ts";
import { useStore } from "../state/store.ts";
import { createTray } from "../state/tray.ts";
import { strings } from "../strings.ts";
import { DropAnywhere } from "./drop-anywhere.tsx";
import { FileButton } from "./file-button.tsx";
import { Notice } from "./notice.tsx";
import { Skeleton } from "./skeleton.tsx";
import type { Studio } from "./studio.tsx";
import { VideoPicker } from "./video-picker.tsx";

export function Composer(props: {
  client: Client;
  me: MeResponse;
  activity: Activity;
  stakes: Stakes;
  /** The last of the chosen videos is on its way. */
  onPosted: () => void;
  onSessionOver: () => void;
  onAccountLost: () => void;
}) {
  const { me, stakes } = props;
  const [tray] = useState(() => createTray({ probe, urls: URL }));
  const { videos, leftOutCount } = useStore(tray);
  const [loaded, load] = useStudio();
  const formCount = videos.filter((video) => isFilledIn(video, me.accounts)).length;
  useLeaveWarning(formCount > 0);
  useLayoutEffect(() => stakes.add(() => ({ formCount })), [stakes, formCount]);
  const title = useRef<HTMLHeadingElement>(null);
  return (
    <section className="composer" aria-labelledby="composer-title">
      <DropAnywhere onPick={tray.add} />
      <div className="section-head">
        <h1 id="composer-title" ref={title} tabIndex={-1}>
          {strings.picker.title}
        </h1>
        {videos.length > 0 && (
          <FileButton label={strings.picker.add} look="plain" onPick={tray.add} />
        )}
      </div>
      {leftOutCount > 0 && (
        <Notice tone="warning">{strings.picker.leftOut(leftOutCount, videos.length)}</Notice>
      )}
      {videos.length === 0 && (
        <VideoPicker maxFileBytes={me.limits.maxFileBytes} onPick={tray.add} />
      )}
      {videos.length > 0 && loaded.type === "loading" && (
        <Skeleton label={strings.loading} rows={4} />
      )}
      {videos.length > 0 && loaded.type === "failed" && (
        <Notice
          tone="error"
          action={
            <button type="button" className="button button-small" onClick={load}>
              {strings.tryAgain}
            </button>
          }
        >
          {strings.picker.formFailed}
        </Notice>
      )}
      {videos.length > 0 && loaded.type === "ready" && (
        <loaded.Studio {...props} tray={tray} onEmptied={() => title.current?.focus()} />
      )}
    </section>
  );
}

type Loaded = { type: "loading" } | { type: "failed" } | { type: "ready"; Studio: typeof Studio };

function useStudio(): [Loaded, () => void] {
  const [loaded, setLoaded] = useState<Loaded>({ type: "loading" });
  const load = useCallback(() => {
    setLoaded({ type: "loading" });
    import("./studio.tsx").then(
      ({ Studio }) => setLoaded({ type: "ready", Studio }),
      () => setLoaded({ type: "failed" }),
    );
  }, []);
  useEffect(load, [load]);
  return [loaded, load];
}
