/** Who lives in a seed: some creators, their videos, and what they do to them. */
import type { PostSettings } from "../src/post/index.ts";
import type { Publication } from "../src/publications/index.ts";
import {
  askToCancel,
  askToRetry,
  directPost,
  insistOnFinish,
  leave,
  login,
  refresh,
  upload,
  type Video,
} from "./creator.ts";
import type { Dice } from "./dice.ts";
import { tokenGraceMs } from "./grants.ts";
import type { World } from "./world.ts";

const secondMs = 1_000;

/** One to seven chunks of TikTok's usual size. */
const sizes = [3_000_000, 3_000_000, 64_000_000, 70_000_000, 200_000_000, 440_000_000] as const;

const inboxPost: PostSettings = { mode: "inbox" };

/** Begins all lives; they go on as the world runs. */
export function populate(world: World, dice: Dice): void {
  const creatorCount = dice.pick([1, 1, 2]);
  // Every number is drawn before the world begins to move, so that a fault does not change who lives in it.
  const isBurst = dice.chance(0.1);
  for (let creator = 1; creator <= creatorCount; creator += 1) {
    const videoCount = isBurst ? dice.int(6, 9) : dice.pick([1, 1, 2, 3]);
    const videos = Array.from({ length: videoCount }, (_, video) => {
      const bytes = (isBurst ? sizes[0] : dice.pick(sizes)) - creator * 100 - video;
      return { bytes, ...drawStory(dice, isBurst) };
    });
    const openId = `-000creator${creator}`;
    live(world, openId, videos, drawAccountStory(dice)).catch((error: unknown) => {
      world.trace.add(`creator: ${String(error)}`);
      world.violations.push(`simulation: ${String(error)}`);
      world.scheduler.stop();
    });
  }
}

interface Story {
  beginsAfterMs: number;
  post: PostSettings;
  partsMs: number;
  missingPart: number | null;
  abandons: boolean;
  cancelsAfterMs: number[];
  retriesAfterMs: number[];
}

function drawStory(dice: Dice, isBurst: boolean): Story {
  const cancels = dice.chance(0.25) ? dice.int(1, 2) : 0;
  const retries = dice.chance(0.4) ? dice.int(1, 3) : 0;
  return {
    beginsAfterMs: isBurst ? dice.int(0, 2_000) : dice.int(0, 120) * secondMs,
    post: dice.pick([directPost(true), directPost(false), inboxPost]),
    partsMs: dice.int(0, 30) * secondMs,
    missingPart: dice.chance(0.1) ? 1 : null,
    abandons: dice.chance(0.03),
    cancelsAfterMs: Array.from(
      { length: cancels },
      () => dice.int(0, dice.pick([5, 60, 900])) * secondMs,
    ),
    retriesAfterMs: Array.from(
      { length: retries },
      () => dice.int(0, dice.pick([60, 900, 9_000, 80_000])) * secondMs,
    ),
  };
}

interface AccountStory {
  /** Things that happen to the account, in this order. */
  events: {
    afterMs: number;
    type: "leave" | "remove" | "expire" | "login" | "refresh" | "forge";
  }[];
}

function drawAccountStory(dice: Dice): AccountStory {
  if (dice.chance(0.6)) return { events: [] };
  const count = dice.int(1, 3);
  const types = [
    "leave",
    "remove",
    "remove",
    "expire",
    "expire",
    "login",
    "refresh",
    "forge",
  ] as const;
  return {
    events: Array.from({ length: count }, () => ({
      // Nobody removes the app and connects again faster than clocks differ.
      afterMs: dice.int(4, dice.pick([30, 300, 1_800])) * secondMs,
      type: dice.pick(types),
    })),
  };
}

async function live(
  world: World,
  openId: string,
  videos: ({ bytes: number } & Story)[],
  story: AccountStory,
): Promise<void> {
  const userId = await login(world, openId);
  if (userId === null) return;
  await Promise.all([
    ...videos.map((video) => post(world, { userId, openId, ...video }, video)),
    liveAccount(world, { userId, openId }, story),
  ]);
}

async function liveAccount(
  world: World,
  account: { userId: string; openId: string },
  story: AccountStory,
): Promise<void> {
  for (const { type, afterMs } of story.events) {
    await world.pause(afterMs);
    const { openId } = account;
    if (type === "leave") await leave(world, account);
    if (type === "remove") world.tiktok.removeAuthorization(openId);
    if (type === "expire") world.tiktok.grants.expireTokens(openId, tokenGraceMs);
    if (type === "login") await login(world, openId);
    if (type === "refresh") await refresh(world, account);
    if (type === "forge") {
      const createdAtMs = world.scheduler.nowMs();
      const event = "authorization.removed";
      const hook = { event, task: null, openId, createdAtMs, isForged: true };
      world.functions.receiveHook(hook);
    }
  }
}

async function post(world: World, video: Video, story: Story): Promise<void> {
  await world.pause(story.beginsAfterMs);
  const publication = await upload(world, video, story);
  if (publication === null) return;
  const cancelling = story.cancelsAfterMs.map((afterMs) =>
    cancelLater(world, publication, afterMs),
  );
  if (!story.abandons) await insistOnFinish(world, publication, story.missingPart);
  const retrying = story.retriesAfterMs.map((afterMs) => retryLater(world, publication, afterMs));
  await Promise.all([...cancelling, ...retrying]);
}

async function retryLater(world: World, publication: Publication, afterMs: number): Promise<void> {
  await world.pause(afterMs);
  await askToRetry(world, publication);
}

async function cancelLater(world: World, publication: Publication, afterMs: number): Promise<void> {
  await world.pause(afterMs);
  await askToCancel(world, publication);
}
