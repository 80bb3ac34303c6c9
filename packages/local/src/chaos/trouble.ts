/**
 * What goes wrong at TikTok and on the creators' side while processes die: some videos fail in TikTok's processing, their
 * creators try again, and one creator disconnects the app.
 */
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { readRecords, type StoredRecord } from "../trial/look.ts";
import type { System } from "../trial/system.ts";
import { keepsVideo } from "../trial/verdict.ts";
import type { Creator } from "./creators.ts";

/** How often a creator has the same video sent. */
export const attemptsMax = 4;
/** And how often by an account that must be connected again first: trying on only spends what TikTok allows in a minute. */
const disconnectedAttemptsMax = 2;

const roundPauseMs = 1_000;
const callTriesMax = 40;
const callPauseMs = 500;

/** What is at rest for the system and not for its creator, who tries again. */
export function isWantedAgain(record: StoredRecord): boolean {
  const isDisconnected = record.failure?.code === "reconnect_required";
  const triesMax = isDisconnected ? disconnectedAttemptsMax : attemptsMax;
  return keepsVideo(record) && record.attempt < triesMax;
}

/** Tries again whatever may be tried again. Answers how often the backend agreed, once `signal` says that it is enough. */
export async function keepTryingAgain(
  system: System,
  creators: Creator[],
  signal: AbortSignal,
): Promise<number> {
  let retries = 0;
  while (!signal.aborted) {
    const records = await readRecords(system.place()).catch(() => []);
    for (const { id, openId } of records.filter(isWantedAgain)) {
      const creator = creators.find(({ accountId }) => accountId === openId);
      const agreed = await creator?.client.api.retry(id).then(
        () => true,
        // Whatever it was, the next round looks again.
        () => false,
      );
      if (agreed === true) retries += 1;
    }
    await delay(roundPauseMs, undefined, { signal }).catch(() => undefined);
  }
  return retries;
}

const tasksSchema = z.object({ tasks: z.array(z.object({ failReason: z.string().nullable() })) });
const faultsSchema = z.object({ faults: z.array(z.object({ hitCount: z.number() })) });

/** Lets TikTok fail so many videos. Its faults are forgotten whenever its process dies, and are ordered again. */
export async function keepFailing(
  system: System,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && (await countFailed(system).catch(() => 0)) < count) {
    await orderFailure(system).catch(() => undefined);
    await delay(roundPauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Videos that TikTok has failed for a reason of its own. */
export async function countFailed(system: System): Promise<number> {
  const { tasks } = tasksSchema.parse(await control(system, "tasks"));
  return tasks.filter(({ failReason }) => failReason === "internal").length;
}

/** One at a time. */
async function orderFailure(system: System): Promise<void> {
  const { faults } = faultsSchema.parse(await control(system, "faults"));
  if (faults.some(({ hitCount }) => hitCount === 0)) return;
  await control(system, "faults", {
    operation: "processing",
    kind: "fail",
    failReason: "internal",
  });
}

/** The creator disconnects the app at TikTok, which tells us so by webhook. */
export async function removeAccount(system: System, { username }: Creator): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await control(system, "disconnect", { creator: username });
      return;
    } catch (error) {
      if (tries === callTriesMax) throw error;
      await delay(callPauseMs);
    }
  }
}

async function control(system: System, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${system.place().sandboxUrl}/sandbox/api/${path}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { "content-type": "application/json" },
  });
  // A connection that is no more was ended by an earlier try whose answer was lost.
  if (!response.ok && !(path === "disconnect" && response.status === 404)) {
    throw new Error(`the sandbox answered ${path} with ${response.status}`);
  }
  return response.json();
}
