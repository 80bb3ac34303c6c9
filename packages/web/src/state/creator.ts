/**
 * Creator info, fetched anew each time a post form is shown (TikTok's guidelines, point 1): who the post goes to, what
 * may be chosen, and whether this account can post at all right now.
 */
import { ApiError, type Client, type CreatorInfoResponse } from "@clipcast/client";
import { useCallback, useEffect, useState } from "react";
import { isSessionOver } from "./session.ts";

export type CreatorState =
  | { type: "loading" }
  | { type: "ready"; creator: CreatorInfoResponse }
  /** The account cannot post now; waiting may help. */
  | { type: "refused"; error: ApiError }
  | { type: "reconnect"; error: ApiError }
  | { type: "failed"; error: unknown };

export function useCreator(
  client: Client,
  accountId: string,
  onSessionOver: () => void,
): [CreatorState, () => void] {
  const [state, setState] = useState<CreatorState>({ type: "loading" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    const stop = new AbortController();
    setState({ type: "loading" });
    client.api.creatorInfo(accountId, { signal: stop.signal }).then(
      (creator) => setState({ type: "ready", creator }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (isSessionOver(error)) onSessionOver();
        setState(stateOf(error));
      },
    );
    return () => stop.abort();
  }, [client, accountId, onSessionOver, attempt]);
  return [state, useCallback(() => setAttempt((count) => count + 1), [])];
}

function stateOf(error: unknown): CreatorState {
  if (error instanceof ApiError) {
    if (error.code === "creator_cannot_post") return { type: "refused", error };
    if (error.code === "reconnect_required") return { type: "reconnect", error };
  }
  return { type: "failed", error };
}
