/**
 * All publications on the page: those that a tab of this browser is uploading and those that the backend knows. Unsettled
 * ones are followed until they settle. What a card shows of one is `cardOf`'s to decide, and nobody else's.
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

export type Activity = Pick<Shelf, "get" | "subscribe"> &
  Pick<Takeover, "takeUp" | "goOn"> & {
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
    find: Pages["find"];
    /** Resolves with the id once the backend has accepted the post; rejects with its refusal. */
    begin: Uploads["begin"];
    /** Tries again what failed, with the file that is still at hand. */
    tryAgain(publicationId: string): void;
    pause(publicationId: string): void;
    resume(publicationId: string): void;
    cancel(publicationId: string): Promise<void>;
    /** Another attempt with the video that storage still has. */
    retry(publicationId: string): Promise<void>;
  };

export type ActivityDeps = {
  client: Client;
  memory: Memory;
  claims: Claims;
  tabs: Tabs;
  nowMs: () => number;
  onSessionOver: () => void;
};

export function createActivity(deps: ActivityDeps): Activity {
  const { client, memory, tabs, nowMs } = deps;
  const shelf = createShelf(nowMs);
  let user: string | null = null;
  const userId = () => user ?? "";
  const follower = createFollower({ ...deps, put: shelf.put });
  /** Something this tab did: the others look as well. */
  const changed = (view: PublicationView) => {
    shelf.put(view, nobody);
    track(view);
    tabs.post({ type: "changed", userId: userId(), publicationId: view.id });
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
  const shared = { ...deps, userId, shelf };
  const uploads = createUploads({ ...shared, onComplete: changed, onOver });
  const takeover = createTakeover({ ...shared, uploads });
  const track = (view: PublicationView) => {
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
  const leave = () => {
    for (const part of [uploads, takeover, follower]) part.leave();
    user = null;
    shelf.clear();
  };
  const steer = (publicationId: string, command: SteerCommand) => {
    if (uploads.has(publicationId)) uploads.steer(publicationId, command);
    else tabs.post({ type: "steer", userId: userId(), publicationId, command });
  };
  const { onMessage } = createReader({ uploads, takeover, pages, shelf });
  tabs.subscribe((message) => {
    if (user !== null && message.userId === user) onMessage(message);
  });

  return {
    get: shelf.get,
    subscribe: shelf.subscribe,
    open: async (id) => {
      if (user !== null && user !== id) leave();
      const isNew = user === null;
      user = id;
      if (isNew) tabs.post({ type: "hello", userId: id });
      await pages.first();
      if (isNew) await pages.findRemembered(id);
    },
    refresh: async () => {
      if (user === null) return;
      uploads.retryFailed();
      await pages.first();
    },
    leave,
    regained: () => {
      uploads.regained();
      for (const { view } of shelf.get().entries) track(view);
    },
    loadMore: pages.more,
    find: pages.find,
    begin: uploads.begin,
    takeUp: takeover.takeUp,
    goOn: takeover.goOn,
    tryAgain: uploads.tryAgain,
    pause: (publicationId) => steer(publicationId, "pause"),
    resume: (publicationId) => steer(publicationId, "resume"),
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
          return;
      }
    },
  };
}
