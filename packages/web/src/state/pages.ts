/** Brings publications from the backend to the shelf: page by page, by id, and those that this browser remembers. */
import { ApiError, type Client, type ListResponse, type PublicationView } from "@clipcast/client";
import type { Memory } from "./memory.ts";
import { isSessionOver } from "./session.ts";
import type { Shelf } from "./shelf.ts";

export type Pages = {
  /** The newest ones; called again, it looks for what is new. */
  first(): Promise<void>;
  /** The page that follows; one at a time. */
  more(): Promise<void>;
  find(publicationId: string, options?: { isListed: boolean }): Promise<FindAnswer>;
  /** Unfinished uploads that are too old for the first page are shown all the same. */
  findRemembered(userId: string): Promise<void>;
};

export type FindAnswer = "found" | "not_found" | "failed";

export function createPages(deps: {
  client: Client;
  memory: Memory;
  shelf: Shelf;
  track: (view: PublicationView) => void;
  onSessionOver: () => void;
  /** Ends what is asked for and not answered yet. */
  signal: AbortSignal;
}): Pages {
  const { client, memory, shelf, track, onSessionOver, signal } = deps;
  const take = ({ publications }: ListResponse) => {
    for (const view of publications) {
      shelf.put(view, { isListed: true });
      track(view);
    }
  };
  const find: Pages["find"] = async (publicationId, change = undefined) => {
    try {
      const view = await client.api.status(publicationId, { signal });
      shelf.put(view, change);
      track(view);
      return "found";
    } catch (error) {
      if (isSessionOver(error)) onSessionOver();
      const isRefused = error instanceof ApiError && [400, 403, 404].includes(error.status);
      return isRefused ? "not_found" : "failed";
    }
  };
  return {
    first: async () => {
      const isFirst = shelf.get().phase !== "ready";
      if (isFirst) shelf.turn({ phase: "loading" });
      try {
        const page = await client.api.list({ signal });
        // Looking again must not make older ones vanish.
        shelf.turn(isFirst ? { phase: "ready", nextCursor: page.nextCursor } : {});
        take(page);
      } catch (error) {
        if (isSessionOver(error)) onSessionOver();
        if (isFirst) shelf.turn({ phase: "failed" });
      }
    },
    more: async () => {
      const { nextCursor, more } = shelf.get();
      if (nextCursor === null || more === "loading") return;
      shelf.turn({ more: "loading" });
      try {
        const page = await client.api.list({ cursor: nextCursor, signal });
        shelf.turn({ more: "ready", nextCursor: page.nextCursor });
        take(page);
      } catch (error) {
        if (isSessionOver(error)) onSessionOver();
        shelf.turn({ more: "failed" });
      }
    },
    find,
    findRemembered: async (userId) => {
      for (const { publicationId } of await memory.recallAll(userId)) {
        if (shelf.viewOf(publicationId) !== null) continue;
        const found = await find(publicationId, { isListed: true });
        if (found === "not_found") await memory.forget(publicationId);
      }
    },
  };
}
