/**
 * The creator takes the permission away while a publication is on its way: it ends as failed, says that only connecting
 * again will help, and nothing goes on asking TikTok.
 */
import { openId, userId, videoBytes, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { disconnect, findAccount } from "../../src/auth/index.ts";
import { isSettled } from "../../src/publications/index.ts";
import { rememberAim } from "../../src/publishing/chunks.ts";
import { heed } from "../../src/publishing/index.ts";
import { type TikTokApi, TikTokRefusal } from "../../src/tiktok/index.ts";
import { connectedWorld, megabyte, minuteMs, processing } from "./journey.ts";

const owner = { userId, openId };

type Removal = (world: World) => Promise<void>;

/** TikTok takes neither the tokens that are out nor the one that would bring new ones, and gives up what was under way. */
function endGrant(world: World): void {
  world.tiktok.expireTokens();
  for (const task of world.tiktok.tasks) {
    world.tiktok.finish(task, { stage: "failed", failReason: "auth_removed" });
  }
  const refused = new TikTokRefusal("invalid_grant", "", { httpStatus: 400, logId: null });
  world.deps.tiktok = { ...world.deps.tiktok, refresh: () => Promise.reject(refused) };
}

const removals: [string, Removal][] = [
  [
    "at TikTok, and its webhook arrives",
    async (world) => {
      endGrant(world);
      const createdAtMs = world.clock.nowMs();
      const event = { event: "authorization.removed", publishId: null, openId, isStale: false };
      await heed(world.deps, { ...event, createdAtMs });
    },
  ],
  [
    "on our page, which revokes it",
    async (world) => {
      await disconnect(world.deps, owner);
      endGrant(world);
    },
  ],
  ["at TikTok, and only a refused refresh tells", async (world) => endGrant(world)],
];

type State = (remove: Removal) => Promise<{ world: World; id: string }>;

const uploading: State = async (remove) => {
  const world = await connectedWorld();
  const { storage } = world.deps;
  const { putPart } = storage;
  storage.putPart = async (...input) => {
    storage.putPart = putPart;
    await remove(world);
    return putPart(...input);
  };
  return { world, id: (await world.upload(videoBytes(megabyte))).id };
};

const queued: State = async (remove) => {
  const world = await connectedWorld();
  const { id } = await world.upload(videoBytes(megabyte));
  await remove(world);
  return { world, id };
};

const halfSent: State = async (remove) => {
  const world = await connectedWorld();
  await rememberAim(world.deps, 5_242_880);
  const { id } = await world.upload(videoBytes(16_000_000));
  world.deps.relayQueue.take();
  world.tiktok.chunkScript.push("lose");
  for (let n = 0; n < 4; n += 1) world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
  await world.relay(id);
  expect(await world.get(id)).toMatchObject({ status: "relaying" });
  expect(world.tiktok.tasks[0]?.receivedBytes).toBeGreaterThan(0);
  await remove(world);
  return { world, id };
};

const wholeSent: State = async (remove) => {
  const { world, id } = await processing();
  await remove(world);
  return { world, id };
};

/** Before TikTok has everything another attempt is safe; afterwards there may be a post. */
const states: [string, { begin: State; isRetryable: boolean }][] = [
  ["uploading", { begin: uploading, isRetryable: true }],
  ["queued", { begin: queued, isRetryable: true }],
  ["half sent", { begin: halfSent, isRetryable: true }],
  ["processing", { begin: wholeSent, isRetryable: false }],
];

/** Counts every call to TikTok from now on. */
function counting(world: World): { calls: string[] } {
  const calls: string[] = [];
  const counted = Object.entries(world.deps.tiktok).map(([name, call]: [string, unknown]) => [
    name,
    (...input: unknown[]) => {
      calls.push(name);
      return typeof call === "function" ? call(...input) : undefined;
    },
  ]);
  world.deps.tiktok = Object.fromEntries(counted) as TikTokApi;
  return { calls };
}

/** Everything that is delivered or due, minute by minute. */
async function live(world: World, minutes: number, isOver: () => Promise<boolean>): Promise<void> {
  for (let minute = 0; minute < minutes && !(await isOver()); minute += 1) {
    await world.deliver();
    await world.poll();
    await world.clock.advance(minuteMs);
  }
}

describe.each(removals)("a permission that ends %s", (_how, remove) => {
  it.each(states)(
    "fails a publication that is %s, with reconnect, and then all is quiet",
    async (...given) => {
      const [, { begin, isRetryable }] = given;
      const { world, id } = await begin(remove);
      const { calls } = counting(world);

      await live(world, 30, async () => isSettled((await world.get(id)).status));
      const { status, failure } = await world.get(id);
      expect({ status, code: failure?.code }).toEqual({
        status: "failed",
        code: "reconnect_required",
      });
      expect(failure?.isRetryable).toBe(isRetryable);
      // The refused call, the refused refresh, and no more.
      expect(calls.length).toBeLessThanOrEqual(2);

      const before = calls.length;
      await live(world, 26 * 60, async () => false);
      expect(calls).toHaveLength(before);
      expect((await world.get(id)).dueAtMs).toBeNull();
      expect(world.deps.storage.objects()).toEqual([]);
      expect(world.deps.relayQueue.messages).toEqual([]);
      expect(world.deps.checkQueue.messages).toEqual([]);
    },
  );
});

it("is said of an account that is still there, which says why", async () => {
  const { world } = await queued(async (before) => endGrant(before));
  await world.deliver();
  expect((await findAccount(world.deps, owner)).value.reconnectReason).toBe("invalid_grant");
});
