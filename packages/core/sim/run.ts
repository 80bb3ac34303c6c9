/** One seed, from its first event to its verdict. */
import { createWeather, drawClimate } from "./climate.ts";
import { createDice } from "./dice.ts";
import { populate } from "./life.ts";
import { createTrace } from "./trace.ts";
import { createWorld, type Plant, startMs } from "./world.ts";

/** Checks go on for a week where TikTok stays silent; what takes longer than this will never end. */
const lifeMaxMs = 12 * 24 * 3_600_000;
/** Hundred times what a usual life takes. */
const eventsMax = 200_000;

export interface SeedResult {
  seed: number;
  hash: string;
  violations: string[];
  /** The last lines of the trace. */
  tail: string[];
  events: number;
}

export async function runSeed(
  seed: number,
  options: { plant?: Plant; lines?: number } = {},
): Promise<SeedResult> {
  const trace = createTrace(options.lines === undefined ? {} : { lines: options.lines });
  const climate = drawClimate(createDice(seed));
  const world = createWorld({
    seed,
    trace,
    weather: (scheduler) => createWeather(scheduler, createDice(seed ^ 0xfa017), climate),
    plant: options.plant,
  });
  populate(world, createDice(seed ^ 0x11fe));
  await world.rest({ untilMs: startMs + lifeMaxMs, eventsMax });
  const { violations, scheduler } = world;
  return { seed, hash: trace.hash(), violations, tail: trace.tail(), events: scheduler.events() };
}
