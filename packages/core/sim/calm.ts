/** The weather in which everything works: what goes wrong is only what `decide` orders. */
import type { Decide } from "./faulty.ts";
import type { Process } from "./process.ts";
import type { Scenario } from "./scenario.ts";
import type { Moods } from "./tiktok.ts";
import type { Weather } from "./world.ts";

export function createCalm(
  life: Pick<Scenario, "outcomeMs" | "hookMs">,
  decide: Decide,
  onSpawn: (process: Process) => void,
): Weather {
  const moods: Moods = {
    accessSeconds: 86_400,
    chunkBytesMax: () => 64_000_000,
    refusal: () => null,
    chunkAnswer: () => null,
    outcome: ({ mode }) => ({
      afterMs: life.outcomeMs,
      stage: mode === "inbox" ? "in_inbox" : "published",
      failReason: null,
      idAfterMs: 30_000,
    }),
    statusLagMs: () => 0,
    cancels: () => true,
    failsExpired: false,
  };
  return {
    decide,
    moods,
    delivery: { lateMs: () => 0, duplicates: () => [] },
    breaksStream: () => false,
    skewMs: () => 0,
    onSpawn,
    hookDelaysMs: () => (life.hookMs === null ? [] : [life.hookMs]),
  };
}
