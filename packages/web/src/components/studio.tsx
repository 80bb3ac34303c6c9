/** The chosen videos, and the form of the one that is being filled in. When it is posted, the next one follows. */
import type { Client, CreatorInfoResponse, MeResponse } from "@clipcast/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Activity } from "../state/activity.ts";
import { accountOf, copySettings } from "../state/filling.ts";
import { useStore } from "../state/store.ts";
import type { Tray } from "../state/tray.ts";
import { strings } from "../strings.ts";
import { PostEditor } from "./post-editor.tsx";
import { TrayStrip } from "./tray-strip.tsx";
import "../styles/editor.css";
import "../styles/tray.css";
import "../styles/choice-menu.css";

/** What TikTok said about each account when its form was last shown; for the strip, which shows no form. */
export type KnownCreators = Readonly<Record<string, CreatorInfoResponse>>;

export type StudioProps = {
  client: Client;
  me: MeResponse;
  activity: Activity;
  tray: Tray;
  /** The last video is on its way. */
  onPosted: () => void;
  /** The last video was taken away again. */
  onEmptied: () => void;
  onSessionOver: () => void;
  /** TikTok takes no more from an account that the page believes to be connected. */
  onAccountLost: () => void;
};

export function Studio(props: StudioProps) {
  const { me, tray, onPosted, onEmptied } = props;
  const { videos, currentId } = useStore(tray);
  const [creators, setCreators] = useState<KnownCreators>({});
  const learn = useCallback(
    (accountId: string, creator: CreatorInfoResponse) =>
      setCreators((known) => ({ ...known, [accountId]: creator })),
    [],
  );
  const [title, focusTitle] = useFocusLater();
  const index = videos.findIndex(({ id }) => id === currentId);
  const video = videos[index];
  const account = video && accountOf(video, me.accounts);
  if (video === undefined || account === undefined) return null;
  const take = (id: string, onLast: () => void) => {
    tray.remove(id);
    if (tray.get().videos.length === 0) onLast();
    else focusTitle();
  };
  return (
    <>
      {videos.length > 1 && <TrayStrip tray={tray} me={me} creators={creators} />}
      <h2
        ref={title}
        tabIndex={-1}
        className={videos.length > 1 ? "editor-title" : "visually-hidden"}
      >
        {strings.tray.position(index + 1, videos.length, video.file.name)}
      </h2>
      <PostEditor
        // Each showing of a form asks TikTok anew who the creator is and what may be chosen.
        key={`${video.id} ${account.id}`}
        {...props}
        video={video}
        account={account}
        videoCount={videos.length}
        onCreator={learn}
        onUseForAll={() => tray.updateAll((other) => copySettings(video, other, me.accounts))}
        onBegun={() => take(video.id, onPosted)}
        onRemove={() => take(video.id, onEmptied)}
      />
    </>
  );
}

/** Moves the focus once what is asked for has been drawn: the form of the video before is gone, and the focus with it. */
function useFocusLater() {
  const target = useRef<HTMLHeadingElement>(null);
  const [askedCount, setAskedCount] = useState(0);
  useEffect(() => {
    if (askedCount === 0) return;
    target.current?.focus({ preventScroll: true });
    target.current?.scrollIntoView({ block: "nearest" });
  }, [askedCount]);
  return [target, useCallback(() => setAskedCount((count) => count + 1), [])] as const;
}
