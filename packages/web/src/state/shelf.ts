/** Where the publications of the page stand: the entries, how far back they go, and the ways to change them. */
import type { PublicationView } from "@clipcast/client";
import { type Entry, type EntryChange, withChange, withView } from "./entries.ts";
import { createStore, type Store } from "./store.ts";

export type ShelfState = {
  phase: "loading" | "ready" | "failed";
  entries: readonly Entry[];
  /** Where older ones begin; null when all are shown. */
  nextCursor: string | null;
  more: "ready" | "loading" | "failed";
};

export type Shelf = Pick<Store<ShelfState>, "get" | "subscribe"> & {
  viewOf(publicationId: string): PublicationView | null;
  /** What the backend says of it, and what else is known by now. */
  put(view: PublicationView, change?: EntryChange): void;
  change(publicationId: string, change: EntryChange): void;
  turn(page: Partial<Omit<ShelfState, "entries">>): void;
};

export const emptyShelf: ShelfState = {
  phase: "loading",
  entries: [],
  nextCursor: null,
  more: "ready",
};

export function createShelf(nowMs: () => number): Shelf {
  const store = createStore<ShelfState>(emptyShelf);
  return {
    get: store.get,
    subscribe: store.subscribe,
    viewOf: (publicationId) =>
      store.get().entries.find(({ view }) => view.id === publicationId)?.view ?? null,
    put: (view, change = {}) =>
      store.set((now) => ({ ...now, entries: withView(now.entries, view, change, nowMs()) })),
    change: (publicationId, change) =>
      store.set((now) => ({ ...now, entries: withChange(now.entries, publicationId, change) })),
    turn: (page) => store.set((now) => ({ ...now, ...page })),
  };
}
