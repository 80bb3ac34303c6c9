/** Shortcuts to the places in a publication's life at which tests begin. */
import {
  createWorld,
  type FakeTikTok,
  publicPost,
  userId,
  videoBytes,
  type World,
} from "@clipcast/core/testing";
import { assert } from "../../src/errors/index.ts";
import type { PostSettings } from "../../src/post/index.ts";
import { loadPublication, type Publication, revise } from "../../src/publications/index.ts";
import type { TaskStatus } from "../../src/tiktok/index.ts";

export const megabyte = 1_000_000;
export const minuteMs = 60_000;

export interface Journey {
  world: World;
  id: string;
  ids: { userId: string; publicationId: string };
}

export async function connectedWorld(): Promise<World> {
  const world = createWorld();
  await world.connect();
  return world;
}

/** A world whose files of a few megabytes are sent in several chunks. */
export async function chunkedWorld(chunkBytesMax: number): Promise<World> {
  const world = await connectedWorld();
  world.tiktok.rules.chunkBytesMax = chunkBytesMax;
  return world;
}

/** A complete upload whose relay message is on its way. */
export async function queued(post: PostSettings = publicPost): Promise<Journey> {
  const world = await connectedWorld();
  const { id } = await world.upload(videoBytes(megabyte), post);
  return { world, id, ids: { userId, publicationId: id } };
}

/** TikTok has every byte and is at work. */
export async function processing(
  post: PostSettings = publicPost,
): Promise<Journey & { task: FakeTikTok["tasks"][number] }> {
  const journey = await queued(post);
  journey.world.deps.relayQueue.take();
  await journey.world.relay(journey.id);
  const [task] = journey.world.tiktok.tasks;
  assert(task, "the relay has created a task");
  return { ...journey, task };
}

/** Changes the record behind everybody's back. */
export async function tamper(
  { world, ids }: Journey,
  change: (publication: Publication) => Publication,
): Promise<void> {
  const stored = await loadPublication(world.deps, ids);
  assert(stored, "the publication is stored");
  await revise(world.deps, stored.key, change);
}

export function statusOf(changes: Partial<TaskStatus>): TaskStatus {
  return { stage: "uploading", failReason: null, postIds: [], uploadedBytes: null, ...changes };
}
