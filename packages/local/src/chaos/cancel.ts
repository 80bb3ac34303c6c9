/** A creator who wants a publication gone and asks until there is an answer, whatever dies meanwhile. */
import { setTimeout as delay } from "node:timers/promises";
import { ApiError, type Client } from "@clipcast/client";
import type { CancelAnswer } from "../trial/verdict.ts";
import { isWorthAnotherTry } from "./persistence.ts";

const triesMax = 60;
const pauseMs = 250;

export async function cancel(client: Client, publicationId: string): Promise<CancelAnswer> {
  const said = await persistently(async (): Promise<CancelAnswer | "refused"> => {
    try {
      const { status } = await client.api.cancel(publicationId);
      return status === "cancelled" ? "cancelled" : "asked";
    } catch (error) {
      if (error instanceof ApiError && error.code === "not_cancellable") return "refused";
      throw error;
    }
  });
  if (said !== "refused") return said ?? "none";
  return (await persistently(() => whyRefused(client, publicationId))) ?? "none";
}

/** The answer to an earlier try may have been lost; then the refusal only says that it was heeded. */
async function whyRefused(client: Client, publicationId: string): Promise<CancelAnswer> {
  const { status } = await client.api.status(publicationId);
  if (status === "cancelled") return "cancelled";
  return status === "failed" ? "has-failed" : "too-late";
}

/** Null when it was refused for another reason, as for a removed account, or the tries are spent. */
async function persistently<T>(call: () => Promise<T>): Promise<T | null> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isWorthAnotherTry(error)) return null;
      await delay(pauseMs);
    }
  }
  return null;
}
