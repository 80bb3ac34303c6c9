/**
 * All publications on the page: those that this tab is uploading and those that the backend knows. Unsettled ones are
 * followed until they settle.
 */
import {
  type Client,
  isLinkExpected,
  type ListResponse,
  type PublicationView,
} from "@clipcast/client";
import { type Entry, withEntry } from "./entries.ts";
import type { Memory } from "./memory.ts";
import { isSessionOver } from "./session.ts";
import { createStore, type Store } from "./store.ts";
import { type BeginUpload, createUploads } from "./uploads.ts";

export type ActivityState = {
  phase: "loading" | "ready" | "failed";
  entries: readonly Entry[];
  nextCursor: string | null;
};

export type Activity = Pick<Store<ActivityState>, "get" | "subscribe"> & {
  load(): Promise<void>;
  loadMore(): Promise<void>;
  /** Resolves with the id once the backend has accepted the post; rejects with its refusal. */
  begin(upload: BeginUpload): Promise<string>;
  /** Takes an upload up again; false when this is another file. */
  takeUp(view: PublicationView, file: File): Promise<boolean>;
  /** Tries again what failed, with the file that is still at hand; false when there is none. */
  tryAgain(view: PublicationView): boolean;
  pause(publicationId: string): void;
  resume(publicationId: string): void;
  cancel(publicationId: string): Promise<void>;
  /** Another attempt with the video that storage still has. */
  retry(publicationId: string): Promise<void>;
};

export function createActivity(deps: {
  client: Client;
  memory: Memory;
  onSessionOver: () => void;
}): Activity {
  const { client, memory, onSessionOver } = deps;
  const store = createStore<ActivityState>({ phase: "loading", entries: [], nextCursor: null });
  const put = (view: PublicationView, change: Partial<Pick<Entry, "upload">> = {}) =>
    store.set((now) => ({ ...now, entries: withEntry(now.entries, view, change) }));
  const follow = createFollower(client, put, onSessionOver);
  const onComplete = (view: PublicationView) => {
    put(view, { upload: null });
    void follow(view.id);
  };
  const onOver = async (publicationId: string) => {
    const view = await client.api.status(publicationId).catch(() => null);
    // Without an answer, or with none that explains it, the card keeps the error.
    if (view === null || view.status === "uploading") return;
    uploads.drop(publicationId);
    put(view, { upload: null });
    if (!view.isSettled) void follow(publicationId);
  };
  const uploads = createUploads({ client, memory, put, onComplete, onOver, onSessionOver });

  const take = (page: ListResponse) => {
    store.set((now) => ({ ...now, phase: "ready", nextCursor: page.nextCursor }));
    for (const view of page.publications) {
      put(view);
      const isOpen = !view.isSettled || isLinkExpected(view, Date.now());
      if (isOpen && uploads.handleOf(view.id) === null) void follow(view.id);
    }
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    load: async () => {
      try {
        take(await client.api.list());
      } catch (error) {
        if (isSessionOver(error)) onSessionOver();
        store.set((now) => ({ ...now, phase: "failed" }));
      }
    },
    loadMore: async () => {
      const { nextCursor } = store.get();
      if (nextCursor !== null) take(await client.api.list({ cursor: nextCursor }));
    },
    begin: uploads.begin,
    takeUp: uploads.takeUp,
    tryAgain: uploads.tryAgain,
    pause: (publicationId) => uploads.handleOf(publicationId)?.pause(),
    resume: (publicationId) => uploads.handleOf(publicationId)?.resume(),
    retry: async (publicationId) => {
      put(await client.api.retry(publicationId));
      void follow(publicationId);
    },
    cancel: async (publicationId) => {
      const view = await client.api.cancel(publicationId);
      uploads.drop(publicationId);
      put(view, { upload: null });
      if (!view.isSettled) void follow(publicationId);
    },
  };
}

/** Follows each publication once, however often it is asked to. */
function createFollower(
  client: Client,
  put: (view: PublicationView) => void,
  onSessionOver: () => void,
) {
  const followed = new Set<string>();
  return async (publicationId: string) => {
    if (followed.has(publicationId)) return;
    followed.add(publicationId);
    try {
      for await (const view of client.watch(publicationId)) put(view);
    } catch (error) {
      if (isSessionOver(error)) onSessionOver();
    } finally {
      followed.delete(publicationId);
    }
  };
}
