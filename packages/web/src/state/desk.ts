/**
 * What one user has on the page: the publications that the backend knows, those that a tab of this browser is uploading,
 * and whoever goes on with them. Unsettled ones are followed until they settle.
 *
 * A desk is one user's from its first moment to its last. What is still on its way to it when its user leaves, an answer
 * or a file that was being read, finds a desk that nobody looks at: nothing of it reaches the next user.
 */
import { type Client, isLinkExpected, type PublicationView } from "@clipcast/client";
import type { Claims } from "./claims.ts";
import { nobody } from "./entries.ts";
import { createFollower } from "./follower.ts";
import type { Memory } from "./memory.ts";
import { createPages, type Pages } from "./pages.ts";
import { createShelf, type Shelf } from "./shelf.ts";
import type { SteerCommand, TabMessage, Tabs } from "./tabs.ts";
import { createTakeover, type Takeover } from "./takeover.ts";
import { createUploads, type Uploads } from "./uploads.ts";

export type Desk = Pick<Shelf, "get" | "subscribe"> &
  Pick<Takeover, "takeUp" | "goOn"> &
  Pick<Uploads, "begin" | "tryAgain"> &
  Pick<Pages, "find"> & {
    readonly userId: string;
    /** Fetches what there is, and tells the other tabs that somebody has come. */
    open(): Promise<void>;
    refresh(): Promise<void>;
    leave(): void;
    regained(): void;
    loadMore(): Promise<void>;
    steer(publicationId: string, command: SteerCommand): void;
    cancel(publicationId: string): Promise<void>;
    retry(publicationId: string): Promise<void>;
  };

export type DeskDeps = {
  client: Client;
  memory: Memory;
  claims: Claims;
  tabs: Tabs;
  nowMs: () => number;
  onSessionOver: () => void;
};

export function createDesk(deps: DeskDeps, userId: string): Desk {
  const { client, memory, tabs, nowMs } = deps;
  const left = new AbortController();
  const { signal } = left;
  const shelf = createShelf(nowMs);
  const onSessionOver = () => {
    // The next user's session is another one.
    if (!signal.aborted) deps.onSessionOver();
  };
  const shared = { ...deps, onSessionOver, userId, shelf, signal };
  const follower = createFollower({ ...shared, put: shelf.put });
  /** Something this tab did: the others look as well. */
  const changed = (view: PublicationView) => {
    shelf.put(view, nobody);
    track(view);
    tabs.post({ type: "changed", userId, publicationId: view.id });
  };
  const drop = (view: PublicationView) => {
    uploads.drop(view.id);
    changed(view);
  };
  const onOver = async (publicationId: string) => {
    const view = await client.api.status(publicationId).catch(() => null);
    // Without an answer, or with none that explains it, the card keeps the error.
    if (view !== null && view.status !== "uploading") drop(view);
  };
  const uploads = createUploads({ ...shared, onComplete: changed, onOver });
  const takeover = createTakeover({ ...shared, uploads });
  const track = (view: PublicationView) => {
    if (signal.aborted) return;
    if (uploads.has(view.id)) {
      if (view.status === "uploading") return;
      // Ended elsewhere: by another tab, or on another device.
      uploads.drop(view.id);
      shelf.change(view.id, nobody);
    }
    if (view.status === "uploading") void takeover.discover(view);
    if (view.isSettled) void memory.forget(view.id);
    if (!view.isSettled || isLinkExpected(view, nowMs())) void follower.follow(view.id);
  };
  const pages = createPages({ ...shared, track });
  const steer = (publicationId: string, command: SteerCommand) => {
    if (uploads.has(publicationId)) uploads.steer(publicationId, command);
    else tabs.post({ type: "steer", userId, publicationId, command });
  };
  const { onMessage } = createReader({ uploads, takeover, pages, shelf });
  const stopReading = tabs.subscribe((message) => {
    if (message.userId === userId) onMessage(message);
  });

  return {
    userId,
    get: shelf.get,
    subscribe: shelf.subscribe,
    open: async () => {
      tabs.post({ type: "hello", userId });
      await pages.first();
      await pages.findRemembered(userId);
    },
    refresh: async () => {
      uploads.retryFailed();
      await pages.first();
    },
    leave: () => {
      stopReading();
      uploads.leave();
      left.abort();
    },
    regained: () => {
      uploads.regained();
      for (const { view } of shelf.get().entries) track(view);
    },
    loadMore: pages.more,
    find: pages.find,
    begin: uploads.begin,
    tryAgain: uploads.tryAgain,
    takeUp: takeover.takeUp,
    goOn: takeover.goOn,
    steer,
    retry: async (publicationId) => changed(await client.api.retry(publicationId)),
    cancel: async (publicationId) => drop(await client.api.cancel(publicationId)),
  };
}

/** What another tab says, acted on. */
function createReader(parts: { uploads: Uploads; takeover: Takeover; pages: Pages; shelf: Shelf }) {
  const { uploads, takeover, pages, shelf } = parts;
  const show = (publicationId: string) => pages.find(publicationId, { isListed: true });
  return {
    onMessage: (message: TabMessage) => {
      switch (message.type) {
        case "hello":
          return uploads.introduce();
        case "lend":
          // Begun there a moment ago: the list does not have it yet.
          if (shelf.viewOf(message.publicationId) === null) void show(message.publicationId);
          return takeover.onMessage(message);
        case "look":
          return takeover.onMessage(message);
        case "steer":
          return uploads.steer(message.publicationId, message.command);
        case "changed":
          return void show(message.publicationId);
        case "signed_in":
        case "signed_out":
          return;
      }
    },
  };
}
