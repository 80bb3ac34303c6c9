/** Follows publications until they settle, each once, however often it is asked to. */
import type { Client, PublicationView } from "@clipcast/client";
import { isSessionOver } from "./session.ts";

export type Follower = {
  follow(publicationId: string): Promise<void>;
};

export function createFollower(deps: {
  client: Client;
  put: (view: PublicationView) => void;
  onSessionOver: () => void;
  /** Ends all of them. */
  signal: AbortSignal;
}): Follower {
  const { client, put, onSessionOver, signal } = deps;
  const followed = new Set<string>();
  return {
    follow: async (publicationId) => {
      if (followed.has(publicationId)) return;
      followed.add(publicationId);
      try {
        for await (const view of client.watch(publicationId, { signal })) {
          if (signal.aborted) return;
          put(view);
        }
      } catch (error) {
        if (isSessionOver(error)) onSessionOver();
      } finally {
        followed.delete(publicationId);
      }
    },
  };
}
