/**
 * Short lives in which everything works, each with one process of interest: what `faults.ts` then breaks call by call.
 * The rest of the system stays well, so whatever one fault leaves behind must be put right by it.
 */
import {
  askToCancel,
  askToRetry,
  insistOnFinish,
  leave,
  login,
  refresh,
  upload,
} from "./creator.ts";
import { calm, nth, openId, post, type Scenario } from "./scenario.ts";
import { turnScenarios } from "./turn-scenarios.ts";
import { startMs, type World } from "./world.ts";

const secondMs = 1_000;
const minuteMs = 60_000;
/** A message's receives are spent by then. */
const retryAfterMs = 3 * 3_600_000;
const oneChunk = 3_000_000;
const sevenChunks = 440_000_000;

/** Logs in: requests 1 to 3. Uploads: 4 and 5. Completes: 6. */
async function publish(world: World, bytes: number): Promise<string | null> {
  const userId = await login(world, openId);
  if (userId === null) return null;
  const options = { partsMs: secondMs, missingPart: null };
  const publication = await upload(world, { userId, openId, bytes, post }, options);
  if (publication !== null) await insistOnFinish(world, publication, null);
  return userId;
}

/** Publishes, and cancels at a time after the completion. */
async function publishAndCancel(world: World, bytes: number, afterMs: number): Promise<void> {
  await publish(world, bytes);
  await world.pause(afterMs);
  const publication = world.publicationOf(bytes);
  if (publication !== null) await askToCancel(world, publication);
}

function publishing(bytes: number): Scenario["live"] {
  return async (world) => void (await publish(world, bytes));
}

function statusOf(world: World): string | undefined {
  return (world.publicationOf(oneChunk) ?? world.publicationOf(sevenChunks))?.status;
}

const lives: Scenario[] = [
  { ...calm, name: "login", isSubject: nth("api", 1, 2, 3), live: publishing(oneChunk) },
  {
    ...calm,
    name: "refresh",
    isSubject: nth("api", 4),
    async live(world) {
      const userId = await login(world, openId);
      if (userId === null) return;
      world.tiktok.grants.expireTokens(openId);
      await refresh(world, { userId, openId });
      // Whoever comes next needs a token that works.
      await world.pause(minuteMs);
      await refresh(world, { userId, openId });
    },
  },
  {
    ...calm,
    name: "refresh by the relay",
    isSubject: nth("relay", 1),
    async live(world) {
      const userId = await login(world, openId);
      if (userId === null) return;
      const video = { userId, openId, bytes: oneChunk, post };
      const publication = await upload(world, video, { partsMs: secondMs, missingPart: null });
      world.tiktok.grants.expireTokens(openId);
      if (publication !== null) await insistOnFinish(world, publication, null);
    },
  },
  {
    ...calm,
    name: "upload and complete",
    isSubject: nth("api", 4, 5, 6),
    live: publishing(oneChunk),
  },
  { ...calm, name: "relay of 1 chunk", isSubject: nth("relay", 1), live: publishing(oneChunk) },
  { ...calm, name: "relay of 7 chunks", isSubject: nth("relay", 1), live: publishing(sevenChunks) },
  {
    ...calm,
    name: "slow relay of 7 chunks",
    chunkMs: 35 * secondMs,
    isSubject: nth("relay", 1),
    live: publishing(sevenChunks),
  },
  {
    ...calm,
    name: "continuation",
    chunkMs: 200 * secondMs,
    isSubject: nth("relay", 2),
    live: publishing(sevenChunks),
  },
];

const outcomes: Scenario[] = [
  {
    ...calm,
    name: "status by quick check",
    isSubject: nth("check", 1),
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "status by poller",
    outcomeMs: 40 * minuteMs,
    isSubject: (process, world) =>
      process.kind === "poller" && world.tiktok.tasks[0]?.stage === "published",
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "status by webhook",
    outcomeMs: 4 * minuteMs,
    hookMs: secondMs,
    isSubject: nth("webhook", 1),
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "check for a webhook",
    outcomeMs: 4 * minuteMs,
    hookMs: secondMs,
    isSubject: (process, world) =>
      process.kind === "check" && world.tiktok.tasks[0]?.stage === "published",
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "nudge by the poller",
    isSubject: nth("poller", 1),
    diesAfter: (process) => process.name === "relay#1",
    live: publishing(oneChunk),
  },
];

/** The cancelling request is the 7th. */
const ends: Scenario[] = [
  {
    ...calm,
    name: "cancel while uploading",
    isSubject: nth("api", 6),
    async live(world) {
      const userId = await login(world, openId);
      if (userId === null) return;
      const video = { userId, openId, bytes: oneChunk, post };
      const publication = await upload(world, video, { partsMs: secondMs, missingPart: null });
      if (publication === null) return;
      await askToCancel(world, publication);
      await world.pause(minuteMs);
      await askToCancel(world, publication);
    },
  },
  {
    ...calm,
    name: "cancel while relaying",
    chunkMs: 10 * secondMs,
    isSubject: nth("api", 7),
    live: (world) => publishAndCancel(world, sevenChunks, 25 * secondMs),
  },
  {
    ...calm,
    name: "relay stops for a cancel",
    chunkMs: 10 * secondMs,
    isSubject: nth("relay", 1),
    live: (world) => publishAndCancel(world, sevenChunks, 25 * secondMs),
  },
  {
    ...calm,
    name: "relay stops in the last chunk",
    chunkMs: 10 * secondMs,
    isSubject: nth("relay", 1),
    live: (world) => publishAndCancel(world, oneChunk, 10_100),
  },
  {
    ...calm,
    name: "cancel while processing",
    outcomeMs: 10 * minuteMs,
    isSubject: nth("api", 7),
    live: (world) => publishAndCancel(world, oneChunk, minuteMs),
  },
  {
    ...calm,
    name: "dead letter",
    isSubject: nth("dead", 1),
    diesAfter: (process) => process.kind === "relay",
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "dead letter after bytes",
    isSubject: nth("dead", 1),
    diesAfter: (process, call) =>
      process.kind === "relay" && (call === "sendChunk" || call === "tiktok.status"),
    live: publishing(oneChunk),
  },
  {
    ...calm,
    name: "retry",
    isSubject: nth("api", 7),
    diesAfter: (process, _call, world) =>
      process.kind === "relay" && world.scheduler.nowMs() < startMs + retryAfterMs,
    async live(world) {
      await publish(world, oneChunk);
      await world.pause(retryAfterMs);
      const publication = world.publicationOf(oneChunk);
      if (publication === null) return;
      await askToRetry(world, publication);
      await world.pause(minuteMs);
      await askToRetry(world, publication);
    },
  },
  {
    ...calm,
    name: "account removed: webhook",
    hookMs: secondMs,
    chunkMs: 10 * secondMs,
    isSubject: nth("webhook", 1),
    async live(world) {
      await Promise.all([publish(world, sevenChunks), removeAfter(world, 25 * secondMs)]);
    },
  },
  {
    ...calm,
    name: "account removed: relay",
    chunkMs: 10 * secondMs,
    isSubject: nth("relay", 1),
    async live(world) {
      await Promise.all([publish(world, sevenChunks), removeAfter(world, 25 * secondMs)]);
    },
  },
  {
    ...calm,
    name: "account disconnected",
    chunkMs: 10 * secondMs,
    isSubject: nth("api", 7),
    async live(world) {
      const userId = await publish(world, sevenChunks);
      await world.pause(25 * secondMs);
      if (userId !== null) await leave(world, { userId, openId });
    },
  },
  {
    ...calm,
    name: "emptying storage",
    isSubject: (process, world) => process.kind === "check" && statusOf(world) === "published",
    hookMs: 3 * secondMs,
    live: publishing(oneChunk),
  },
];

async function removeAfter(world: World, afterMs: number): Promise<void> {
  await world.pause(afterMs);
  world.tiktok.removeAuthorization(openId);
}

export const scenarios: readonly Scenario[] = [...lives, ...outcomes, ...ends, ...turnScenarios];
