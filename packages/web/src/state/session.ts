/**
 * Who is using the page: signed out, or a user with accounts.
 */
import { ApiError, type Client, type MeResponse } from "@clipcast/client";
import { createStore, type Store } from "./store.ts";

export type SessionState =
  | { type: "loading" }
  | { type: "signed_out"; hasExpired: boolean }
  | { type: "signed_in"; me: MeResponse }
  | { type: "unreachable"; error: unknown };

export type Session = Pick<Store<SessionState>, "get" | "subscribe"> & {
  load(): Promise<void>;
  /** An answer said that the session is over. */
  lose(): void;
  signOut(): Promise<void>;
  disconnect(accountId: string): Promise<void>;
};

export function createSession(client: Client): Session {
  const store = createStore<SessionState>({ type: "loading" });
  const load = async () => {
    try {
      const session = await client.api.session();
      store.set(
        session.isSignedIn
          ? { type: "signed_in", me: session.me }
          : { type: "signed_out", hasExpired: session.hasExpired },
      );
    } catch (error) {
      store.set({ type: "unreachable", error });
    }
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    load,
    lose: () => store.set({ type: "signed_out", hasExpired: true }),
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
