/**
 * Who is using the page: signed out, or a user with accounts.
 */
import { ApiError, type Client, type MeResponse, type SessionResponse } from "@clipcast/client";
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
  /** It was ended by hand in another tab. */
  end(): void;
  disconnect(accountId: string): Promise<void>;
};

export function createSession(client: Pick<Client, "api">): Session {
  const store = createStore<SessionState>({ type: "loading" });
  const take = (session: SessionResponse) => {
    if (session.isSignedIn)
      return store.set({ type: "signed_in", me: session.me, hasExpired: false });
    const { hasExpired } = session;
    store.set((now) =>
      now.type === "signed_in" ? { ...now, hasExpired: true } : { type: "signed_out", hasExpired },
    );
  };
  const miss = (error: unknown) =>
    store.set((now) => (now.type === "signed_in" ? now : { type: "unreachable", error }));
  /** What was asked before the last question, or before the end, may be answered with what is true no more. */
  let newest: Promise<void> = Promise.resolve();
  const load = () => {
    const asked: Promise<void> = client.api.session().then(
      (session) => (asked === newest ? take(session) : newest),
      (error: unknown) => (asked === newest ? miss(error) : newest),
    );
    newest = asked;
    return asked;
  };
  const end = () => {
    newest = Promise.resolve();
    store.set({ type: "signed_out", hasExpired: false });
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    load,
    // Whoever has signed out by hand is not told that the session has ended.
    lose: () => store.set((now) => (now.type === "signed_in" ? { ...now, hasExpired: true } : now)),
    signOut: async () => {
      await client.api.logout();
      end();
    },
    end,
    disconnect: async (accountId) => {
      await client.api.removeAccount(accountId);
      await load();
    },
  };
}

export function isSessionOver(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 401;
}
