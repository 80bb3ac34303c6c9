/**
 * Where a post begins: the picker, and the editor once there is a video.
 *
 * The editor arrives in a chunk of its own, so that the first load stays small; it is fetched while the creator looks
 * for a file.
 */
import type { Client, MeResponse } from "@clipcast/client";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { containerOf, headBytes } from "../model/video.ts";
import type { Activity } from "../state/activity.ts";
import { strings } from "../strings.ts";
import { Notice } from "./notice.tsx";
import type { Video } from "./post-editor.tsx";
import { Skeleton } from "./skeleton.tsx";
import { VideoPicker } from "./video-picker.tsx";

const loadEditor = () => import("./post-editor.tsx");
const PostEditor = lazy(async () => ({ default: (await loadEditor()).PostEditor }));

export function Composer(props: {
  client: Client;
  me: MeResponse;
  activity: Activity;
  onPosted: () => void;
  onSessionOver: () => void;
}) {
  const { me, onPosted } = props;
  const [video, setVideo] = useState<Video | null>(null);
  const [isUnreadable, setIsUnreadable] = useState(false);
  const pick = useCallback(async (file: File) => {
    const head = new Uint8Array(await file.slice(0, headBytes).arrayBuffer());
    setVideo({ file, contentType: containerOf(head) });
  }, []);
  const onPick = useCallback(
    (file: File) => {
      setIsUnreadable(false);
      pick(file).catch(() => setIsUnreadable(true));
    },
    [pick],
  );
  // Fetched ahead; if that fails, the editor asks for it again when it is needed.
  useEffect(() => void loadEditor().catch(() => {}), []);
  const leave = () => {
    setVideo(null);
    onPosted();
  };
  return (
    <section className="composer" aria-labelledby="composer-title">
      <div className="section-head">
        <h1 id="composer-title">{strings.picker.title}</h1>
        {video !== null && (
          <button type="button" className="button button-quiet" onClick={() => setVideo(null)}>
            {strings.picker.replace}
          </button>
        )}
      </div>
      {isUnreadable && <Notice tone="error">{strings.problem.unreadable}</Notice>}
      {video === null ? (
        <VideoPicker maxFileBytes={me.limits.maxFileBytes} onPick={onPick} />
      ) : (
        <Suspense fallback={<Skeleton label={strings.loading} rows={4} />}>
          <PostEditor {...props} video={video} onPosted={leave} />
        </Suspense>
      )}
    </section>
  );
}
