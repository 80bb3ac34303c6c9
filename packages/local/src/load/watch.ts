/** Looks at a run from outside, once a second: the relay's queue, and how many publications have ended. */
import { setTimeout as delay } from "node:timers/promises";
import { type Depth, readDepth } from "../trial/look.ts";
import type { System } from "../trial/system.ts";
import type { Counts } from "../trial/wire.ts";

export interface Sample extends Depth {
  atMs: number;
  settled: number;
}

export interface Watch {
  /** Whether so many publications have ended since the host started, before patience did. */
  settled(count: number, patienceMs: number): Promise<boolean>;
  /** Stops looking. Answers everything that was seen. */
  end(): Promise<Sample[]>;
}

const lookEveryMs = 1_000;
const endings = ["published", "delivered-to-inbox", "failed", "cancelled"];

export function startWatch(system: System, onLook: (sample: Sample) => void): Watch {
  const samples: Sample[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  const looking = (async () => {
    while (!signal.aborted) {
      const place = system.place();
      const [depth, counts] = await Promise.all([
        readDepth(place, place.relayQueueUrl),
        system.counts(),
      ]);
      const sample = { ...depth, atMs: Date.now(), settled: countSettled(counts) };
      samples.push(sample);
      onLook(sample);
      await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  looking.catch(() => undefined);
  return {
    async settled(count, patienceMs) {
      const endMs = performance.now() + patienceMs;
      while (performance.now() < endMs) {
        if ((samples.at(-1)?.settled ?? 0) >= count) return true;
        // A look that fails is the run's failure.
        await Promise.race([delay(lookEveryMs), looking]);
      }
      return false;
    },
    async end() {
      stop.abort();
      await looking;
      return samples;
    },
  };
}

function countSettled({ events }: Counts): number {
  let settled = 0;
  for (const [key, count] of Object.entries(events)) {
    const [, event, step = ""] = key.split(" ");
    if (event === "publication" && endings.includes(step)) settled += count;
  }
  return settled;
}
