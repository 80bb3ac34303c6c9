/**
 * Who is using the page: signed out, or a user with accounts.
 */
import { ApiError, type Client, type MeResponse } from "@clipcast/client";
import { createStore, type Store } from "./store.ts";

export type SessionState =
  | { type: "loading" }
  | { type: "signed_out"; hasExpired: boolean }
  /** `hasExpired`: what is shown stays, and nothing can be done before somebody signs in again. */
  | { type: "signed_in"; me: MeResponse; hasExpired: boolean }
  | { type: "unreachable"; error: unknown };

export type Session = Pick<Store<SessionState>, "get" | "subscribe"> & {
  load(): Promise<void>;
  /** An answer said that the session is over. What is on the page stays until somebody signs in again. */
  lose(): void;
  signOut(): Promise<void>;
  disconnect(accountId: string): Promise<void>;
};

export function createSession(client: Pick<Client, "api">): Session {
  const store = createStore<SessionState>({ type: "loading" });
  const lose = (hasExpired = true) =>
    store.set((now) =>
      now.type === "signed_in" ? { ...now, hasExpired: true } : { type: "signed_out", hasExpired },
    );
  const load = async () => {
    try {
      const session = await client.api.session();
      if (!session.isSignedIn) lose(session.hasExpired);
      else store.set({ type: "signed_in", me: session.me, hasExpired: false });
    } catch (error) {
      store.set((now) => (now.type === "signed_in" ? now : { type: "unreachable", error }));
    }
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    load,
    lose,
    signOut: async () => {
      await client.api.logout();
      store.set({ type: "signed_out", hasExpired: false });
    },
    disconnect: async (accountId) => {
      await client.api.removeAccount(accountId);
      await load();
    },
  };
}

export function isSessionOver(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 401;
}
