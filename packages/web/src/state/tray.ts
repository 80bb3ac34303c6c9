/**
 * The videos that were chosen and not posted yet, each with what was found out about it and what was filled in for it,
 * and which of them the form shows.
 *
 * Everything is kept by video, so that a creator can go to and fro between ten of them and lose nothing. A video leaves
 * when it is posted or removed.
 */
import type { Draft } from "../model/draft.ts";
import type { Picked } from "../model/picked.ts";
import type { VideoCheck } from "./probe.ts";
import { createStore, type Store } from "./store.ts";

export type ChosenVideo = Picked & {
  id: string;
  /** For players; taken back when the video leaves. */
  url: string;
  /** Null while it is being looked at. */
  check: VideoCheck | null;
  /** Null until chosen: then the first account that can post. */
  accountId: string | null;
  /** Null until something was filled in. */
  draft: Draft | null;
  /** The backend is being asked to take it. */
  isStarting: boolean;
  /** Why it did not. */
  refusal: string | null;
};

export type TrayState = {
  videos: readonly ChosenVideo[];
  /** The one in the form; null only while there is none. */
  currentId: string | null;
  /** How many of the last ones did not fit. */
  leftOutCount: number;
};

export type Tray = Pick<Store<TrayState>, "get" | "subscribe"> & {
  add(picked: readonly Picked[]): void;
  show(id: string): void;
  update(
    id: string,
    change: Partial<Pick<ChosenVideo, "accountId" | "draft" | "isStarting" | "refusal">>,
  ): void;
  updateAll(change: (video: ChosenVideo) => ChosenVideo): void;
  remove(id: string): void;
};

/** More at once than anybody describes in one sitting; each holds a player open. */
export const videosMax = 30;

export function createTray(deps: {
  probe(file: Blob, url: string): Promise<VideoCheck>;
  urls: { createObjectURL(file: Blob): string; revokeObjectURL(url: string): void };
}): Tray {
  const store = createStore<TrayState>({ videos: [], currentId: null, leftOutCount: 0 });
  let madeCount = 0;
  const updateAll = (change: (video: ChosenVideo) => ChosenVideo) =>
    store.set((now) => ({ ...now, videos: now.videos.map(change) }));
  const update = (id: string, change: Partial<ChosenVideo>) =>
    updateAll((video) => (video.id === id ? { ...video, ...change } : video));
  const make = (picked: Picked): ChosenVideo => {
    madeCount += 1;
    const url = deps.urls.createObjectURL(picked.file);
    return {
      ...picked,
      id: `video-${madeCount}`,
      url,
      check: null,
      accountId: null,
      draft: null,
      isStarting: false,
      refusal: null,
    };
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    add: (picked) => {
      const now = store.get();
      const fresh = picked.filter(
        ({ file }) => !now.videos.some((video) => isSame(video.file, file)),
      );
      const added = fresh.slice(0, videosMax - now.videos.length).map(make);
      store.set({
        videos: [...now.videos, ...added],
        currentId: now.currentId ?? added[0]?.id ?? null,
        leftOutCount: fresh.length - added.length,
      });
      for (const { id, file, url } of added) {
        void deps.probe(file, url).then((check) => update(id, { check }));
      }
    },
    show: (id) => store.set((now) => ({ ...now, currentId: id })),
    update,
    updateAll,
    remove: (id) => {
      const { videos, currentId } = store.get();
      const index = videos.findIndex((video) => video.id === id);
      const gone = videos[index];
      if (gone === undefined) return;
      deps.urls.revokeObjectURL(gone.url);
      const left = videos.filter((video) => video !== gone);
      // The next one takes its place; after the last, the first that is left.
      const next = (left[index] ?? left[0])?.id ?? null;
      const stays = currentId === id ? next : currentId;
      store.set({ videos: left, currentId: stays, leftOutCount: 0 });
    },
  };
}

/** The same file, chosen twice by accident. */
function isSame(one: File, other: File): boolean {
  return (
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
  );
}
