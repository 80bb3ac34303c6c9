/**
 * All publications on the page, of whoever is there: each user has a desk of their own. What a card shows of a publication
 * is `cardOf`'s to decide, and nobody else's.
 */
import { createDesk, type Desk, type DeskDeps } from "./desk.ts";
import { emptyShelf, type Shelf, type ShelfState } from "./shelf.ts";
import { createStore } from "./store.ts";

export type Activity = Pick<Shelf, "get" | "subscribe"> &
  Pick<Desk, "takeUp" | "goOn"> & {
    /** Shows what this user has. */
    open(userId: string): Promise<void>;
    /** Looks for what is new, and tries again what a bad connection has stopped. */
    refresh(): Promise<void>;
    /** Ends everything; what was unfinished stays remembered. */
    leave(): void;
    /** The same user signed in again: goes on. */
    regained(): void;
    loadMore(): Promise<void>;
    /** Looks up one publication, listed or not. */
    find: Desk["find"];
    /** Resolves with the id once the backend has accepted the post; rejects with its refusal. */
    begin: Desk["begin"];
    /** Tries again what failed, with the file that is still at hand. */
    tryAgain(publicationId: string): void;
    pause(publicationId: string): void;
    resume(publicationId: string): void;
    cancel(publicationId: string): Promise<void>;
    /** Another attempt with the video that storage still has. */
    retry(publicationId: string): Promise<void>;
  };

export function createActivity(deps: DeskDeps): Activity {
  const shown = createStore<ShelfState>(emptyShelf);
  let desk: Desk | null = null;
  const leave = () => {
    desk?.leave();
    desk = null;
    shown.set(emptyShelf);
  };
  const sit = (userId: string): Desk => {
    const fresh = createDesk(deps, userId);
    fresh.subscribe(() => {
      if (fresh === desk) shown.set(fresh.get());
    });
    desk = fresh;
    return fresh;
  };
  /** Of whoever is there: a press that comes when nobody is any more finds nothing to do it with. */
  const here = (): Desk => {
    if (desk === null) throw new DOMException("Nobody is signed in.", "InvalidStateError");
    return desk;
  };
  return {
    get: shown.get,
    subscribe: shown.subscribe,
    open: async (userId) => {
      if (desk?.userId === userId) return desk.refresh();
      leave();
      await sit(userId).open();
    },
    leave,
    refresh: async () => desk?.refresh(),
    regained: () => desk?.regained(),
    loadMore: async () => desk?.loadMore(),
    find: async (...what) => desk?.find(...what) ?? "failed",
    begin: async (upload) => here().begin(upload),
    takeUp: async (...what) => here().takeUp(...what),
    goOn: async (view) => here().goOn(view),
    tryAgain: (publicationId) => desk?.tryAgain(publicationId),
    pause: (publicationId) => desk?.steer(publicationId, "pause"),
    resume: (publicationId) => desk?.steer(publicationId, "resume"),
    cancel: async (publicationId) => here().cancel(publicationId),
    retry: async (publicationId) => here().retry(publicationId),
  };
}
