/** Carries out the plan of kills, one after the other, on a system that is at work. */
import { setTimeout as delay } from "node:timers/promises";
import type { System } from "../trial/system.ts";
import type { Kill, Victim } from "./plan.ts";

export interface Killer {
  countByVictim: Record<Victim, number>;
  count(): number;
  /** Resolves after so many kills. */
  reached(count: number): Promise<void>;
  done: Promise<void>;
}

/** A function without a process cannot be killed; then the next that has one is. */
const substitutes: Victim[] = ["Relay", "Poller", "Api"];
const roundsMax = 20;
const roundPauseMs = 250;

export function startKiller(system: System, kills: Kill[], signal: AbortSignal): Killer {
  const countByVictim: Record<Victim, number> = { Relay: 0, Api: 0, Check: 0, Poller: 0, host: 0 };
  let count = 0;
  let waiting: { count: number; resolve(): void }[] = [];

  const strike = async ({ victim, aimMs }: Kill): Promise<Victim> => {
    if (victim === "host") {
      await system.killHost(aimMs);
      return victim;
    }
    for (let round = 0; round < roundsMax; round += 1) {
      for (const name of [victim, ...substitutes]) {
        if ((await system.kill(name, aimMs)) > 0) return name;
      }
      await delay(roundPauseMs, undefined, { signal });
    }
    throw new Error("there is no process left to kill");
  };
  const run = async () => {
    for (const kill of kills) {
      await delay(kill.pauseMs, undefined, { signal });
      countByVictim[await strike(kill)] += 1;
      count += 1;
      for (const one of waiting) if (one.count <= count) one.resolve();
      waiting = waiting.filter((one) => one.count > count);
    }
  };
  const done = run();
  done.catch(() => undefined);

  return {
    countByVictim,
    count: () => count,
    reached(wanted) {
      if (count >= wanted) return Promise.resolve();
      const reached = new Promise<void>((resolve) => waiting.push({ count: wanted, resolve }));
      return Promise.race([reached, done]);
    },
    done,
  };
}
