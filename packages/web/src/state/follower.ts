/** Follows publications until they settle, each once, however often it is asked to. */
import type { Client, PublicationView } from "@clipcast/client";
import { isSessionOver } from "./session.ts";

export type Follower = {
  follow(publicationId: string): Promise<void>;
  leave(): void;
};

export function createFollower(deps: {
  client: Client;
  put: (view: PublicationView) => void;
  onSessionOver: () => void;
}): Follower {
  const { client, put, onSessionOver } = deps;
  const stops = new Map<string, AbortController>();
  return {
    follow: async (publicationId) => {
      if (stops.has(publicationId)) return;
      const stop = new AbortController();
      stops.set(publicationId, stop);
      try {
        for await (const view of client.watch(publicationId, { signal: stop.signal })) {
          if (stop.signal.aborted) return;
          put(view);
        }
      } catch (error) {
        if (isSessionOver(error) && !stop.signal.aborted) onSessionOver();
      } finally {
        if (stops.get(publicationId) === stop) stops.delete(publicationId);
      }
    },
    leave: () => {
      for (const stop of stops.values()) stop.abort();
      stops.clear();
    },
  };
}
