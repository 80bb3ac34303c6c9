/**
 * What goes wrong in the life of one seed: each seed draws its own climate, from calm to hopeless, and at some time all
 * faults stop, so that everything can come to its end.
 */
import type { Dice } from "./dice.ts";
import { type Decide, faults, type Treatment } from "./faulty.ts";
import type { Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Moods, Outcome, Task } from "./tiktok.ts";
import type { Weather } from "./world.ts";

const secondMs = 1_000;
const minuteMs = 60_000;

export interface Climate {
  faultRate: number;
  freezeRate: number;
  killRate: number;
  /** How long one chunk takes at most. */
  chunkMs: number;
  skewMaxMs: number;
  sulkRate: number;
  chunkSulkRate: number;
  duplicateRate: number;
  lateRate: number;
  lateMaxMs: number;
  brokenRate: number;
  accessSeconds: number;
  hookCopiesMax: number;
  statusLagMs: number;
  failedRate: number;
  /** When TikTok begins to take smaller chunks only, and which. */
  tightensAfterMs: number;
  tightChunkBytes: number;
  capAfterMs: number;
  capLastsMs: number;
  faultsLastMs: number;
  failsExpired: boolean;
}

export function drawClimate(dice: Dice): Climate {
  return {
    faultRate: dice.pick([0, 0.002, 0.01, 0.03, 0.08]),
    freezeRate: dice.pick([0, 0, 0.002, 0.01]),
    killRate: dice.pick([0, 0.1, 0.4]),
    chunkMs: dice.pick([1, 1, 5, 20, 90, 700]) * secondMs,
    skewMaxMs: dice.pick([0, 300, 1_500]),
    sulkRate: dice.pick([0, 0.02, 0.1, 0.3]),
    chunkSulkRate: dice.pick([0, 0.05, 0.3]),
    duplicateRate: dice.pick([0, 0.1, 0.4]),
    lateRate: dice.pick([0, 0.1, 0.4]),
    lateMaxMs: dice.pick([1, 60, 600]) * secondMs,
    brokenRate: dice.pick([0, 0.05, 0.2]),
    accessSeconds: dice.pick([86_400, 86_400, 7_300]),
    hookCopiesMax: dice.pick([0, 1, 3]),
    statusLagMs: dice.pick([0, 0, 2_000]),
    failedRate: dice.pick([0, 0.1, 0.4]),
    tightensAfterMs: dice.chance(0.3) ? dice.int(0, 300) * secondMs : Number.POSITIVE_INFINITY,
    tightChunkBytes: dice.pick([32_000_000, 10_000_000]),
    capAfterMs: dice.chance(0.1) ? dice.int(0, 120) * secondMs : Number.POSITIVE_INFINITY,
    capLastsMs: dice.pick([10, 90, 600]) * minuteMs,
    faultsLastMs: dice.pick([2, 10, 40, 90]) * minuteMs,
    failsExpired: dice.chance(0.5),
  };
}

export function createWeather(scheduler: Scheduler, dice: Dice, climate: Climate): Weather {
  const beginMs = scheduler.nowMs();
  const sinceMs = () => scheduler.nowMs() - beginMs;
  const isStormy = () => sinceMs() < climate.faultsLastMs;
  const happens = (rate: number) => isStormy() && dice.chance(rate);
  const lateMs = () => (happens(climate.lateRate) ? dice.int(0, climate.lateMaxMs) : 0);
  return {
    decide: createDecide(dice, climate, isStormy),
    moods: createMoods(dice, climate, { sinceMs, happens }),
    delivery: {
      lateMs,
      duplicates: () => (happens(climate.duplicateRate) ? [dice.int(0, climate.lateMaxMs)] : []),
    },
    breaksStream: () => happens(climate.brokenRate),
    skewMs: () => dice.int(-climate.skewMaxMs, climate.skewMaxMs),
    onSpawn: (process) => {
      if (!happens(climate.killRate)) return;
      const lifeMs = dice.pick([200, 5_000, 60_000, 300_000]);
      scheduler.later(dice.int(0, lifeMs), process.kill);
    },
    hookDelaysMs: () => {
      const copies = dice.int(0, climate.hookCopiesMax);
      return Array.from(
        { length: copies },
        () => dice.int(0, dice.pick([2, 60, 3_600])) * secondMs,
      );
    },
  };
}

function createDecide(dice: Dice, climate: Climate, isStormy: () => boolean): Decide {
  return (process, call) => {
    const treatment: Treatment = {
      fault: null,
      sendMs: call === "sendChunk" ? dice.int(1, climate.chunkMs) : 0,
      wireMs: 0,
      answerMs: answerMs(dice, call),
      freezeMs: 0,
    };
    if (!isStormy()) return treatment;
    if (dice.chance(climate.faultRate)) treatment.fault = dice.pick(faults);
    if (dice.chance(climate.freezeRate))
      treatment.freezeMs = dice.int(1, dice.pick([20, 120, 400])) * secondMs;
    if (dice.chance(climate.faultRate)) treatment.wireMs = dice.int(1, 4_000);
    if (dice.chance(climate.faultRate / 10)) stepClock(process, dice, climate);
    return treatment;
  };
}

function answerMs(dice: Dice, call: string): number {
  if (call === "sendChunk" || call.startsWith("tiktok.")) return dice.int(20, 300);
  return dice.chance(0.6) ? 0 : dice.int(1, 30);
}

function stepClock(process: Process, dice: Dice, climate: Climate): void {
  process.skewMs = dice.int(-climate.skewMaxMs, climate.skewMaxMs);
}

interface When {
  sinceMs(): number;
  happens(rate: number): boolean;
}

function createMoods(dice: Dice, climate: Climate, { sinceMs, happens }: When): Moods {
  const isCapped = () =>
    sinceMs() >= climate.capAfterMs && sinceMs() < climate.capAfterMs + climate.capLastsMs;
  return {
    accessSeconds: climate.accessSeconds,
    failsExpired: climate.failsExpired,
    chunkBytesMax: () =>
      sinceMs() >= climate.tightensAfterMs ? climate.tightChunkBytes : 64_000_000,
    refusal(call) {
      if (call === "init" && isCapped()) return "spam_risk_too_many_posts";
      if (!happens(climate.sulkRate)) return null;
      if (call === "init" && dice.chance(0.05)) return "spam_risk_user_banned_from_posting";
      const isTokenCall = call === "refresh" || call === "exchangeCode";
      if (!isTokenCall && dice.chance(0.1)) return "access_token_invalid";
      return dice.pick(["429", "503"]);
    },
    chunkAnswer: () => {
      if (!happens(climate.chunkSulkRate)) return null;
      return dice.pick(["429", "503", "503", "416", "403"]);
    },
    outcome: (task) => drawOutcome(dice, climate, task),
    statusLagMs: () => climate.statusLagMs,
    cancels: () => dice.chance(0.3),
  };
}

function drawOutcome(dice: Dice, climate: Climate, task: Task): Outcome {
  const isFailed = dice.chance(climate.failedRate);
  const reason = dice.pick(["internal", "spam_risk", "file_format_check_failed"]);
  const stage = task.mode === "inbox" ? "in_inbox" : "published";
  return {
    afterMs: dice.int(1, dice.pick([10, 120, 3_600, 50_000])) * secondMs,
    stage: isFailed ? "failed" : stage,
    failReason: isFailed ? reason : null,
    idAfterMs: dice.pick([0, 20_000, 600_000, 18_000_000, null]),
  };
}
