/** Core's world in memory, in which time is real: sessions and tokens are alive now, whatever day the world began on. */
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "@clipcast/core/system";
import { createWorld, type World } from "@clipcast/core/testing";

export const liveClock: Clock = {
  nowMs: () => Date.now(),
  async wait(delayMs, signal) {
    await delay(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

export async function createLiveWorld(): Promise<World> {
  const world = createWorld();
  await world.clock.advance(Math.max(0, Date.now() - world.clock.nowMs()));
  return world;
}
