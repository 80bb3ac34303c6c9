/**
 * What a run will do, drawn from its seed before it begins: which processes die after which pauses, and which videos are
 * published by whom. Pure; when exactly a kill falls is still up to the machine, as it is in production.
 */
import { createDice, type Dice } from "./random.ts";

export type Victim = "Relay" | "Api" | "Check" | "Poller" | "host";

export interface Kill {
  victim: Victim;
  /** Since the kill before. */
  pauseMs: number;
  /** From the function's next sign of life to its death; a host dies by the relay's. */
  aimMs: number;
}

export interface Cancellation {
  /** From the upload's beginning, else from its completion. */
  isEarly: boolean;
  afterMs: number;
}

export interface Job {
  /** Names the video, and is the key under which it is begun. */
  name: string;
  bytes: number;
  creatorIndex: number;
  /** The creator closes the page in the middle and comes back. */
  isInterrupted: boolean;
  /** The creator thinks better of it. */
  cancellation: Cancellation | null;
}

/** Of a hundred kills of functions; the relay has the most to lose. */
const shares: [Exclude<Victim, "host">, number][] = [
  ["Relay", 50],
  ["Api", 30],
  ["Check", 12],
  ["Poller", 8],
];
const aimMsMax = 250;

const smallBytes = { min: 150_000, spread: 600_000 };
/** Two chunks of TikTok's and nine parts of storage's. */
const largeBytes = { min: 66_000_000, spread: 8_000_000 };
const largeEvery = 10;

/** Of all publications. */
const cancelledShare = 0.2;
/** A publication's life moves on in steps of very different lengths; each is to be met by some. */
const cancelAfterMsMax = [40, 400, 1_500, 5_000];

export function planKills(options: {
  seed: number;
  kills: number;
  hostKills: number;
  pauseMs: number;
}): Kill[] {
  const { seed, kills, hostKills, pauseMs } = options;
  if (hostKills > kills) throw new RangeError("no more hosts can be killed than kills are made");
  const dice = createDice(seed);
  const stretch = kills / hostKills;
  // One in each stretch of the run.
  const hostTurns = new Set(
    Array.from({ length: hostKills }, (_, n) =>
      Math.floor(stretch * n + (stretch - 1) * dice.next()),
    ),
  );
  return Array.from({ length: kills }, (_, n) => ({
    victim: hostTurns.has(n) ? "host" : drawVictim(dice),
    pauseMs: Math.round(2 * pauseMs * dice.next()),
    aimMs: dice.below(aimMsMax),
  }));
}

export function planJobs(options: {
  seed: number;
  publications: number;
  creators: number;
  largeMin: number;
}): Job[] {
  const { seed, publications, creators, largeMin } = options;
  const dice = createDice(seed + 1);
  const largeCount = Math.min(
    publications,
    Math.max(largeMin, Math.floor(publications / largeEvery)),
  );
  const largeStep = largeCount === 0 ? Number.POSITIVE_INFINITY : publications / largeCount;
  let nextLarge = largeStep / 2;
  const takenBytes = new Set<number>();
  return Array.from({ length: publications }, (_, n) => {
    const isLarge = n + 1 > nextLarge;
    if (isLarge) nextLarge += largeStep;
    const { min, spread } = isLarge ? largeBytes : smallBytes;
    let bytes = min + dice.below(spread);
    // The size is what makes a video's digest its own.
    while (takenBytes.has(bytes)) bytes += 1;
    takenBytes.add(bytes);
    return {
      name: `chaos-${seed}-${n}`,
      bytes,
      creatorIndex: n % creators,
      isInterrupted: dice.next() < 0.3,
      cancellation: dice.next() < cancelledShare ? drawCancellation(dice) : null,
    };
  });
}

function drawCancellation(dice: Dice): Cancellation {
  const isEarly = dice.next() < 0.25;
  const span = cancelAfterMsMax[dice.below(cancelAfterMsMax.length)] ?? 0;
  return { isEarly, afterMs: dice.below(isEarly ? Math.min(span, 400) : span) };
}

function drawVictim(dice: Dice): Victim {
  let rest = dice.below(100);
  for (const [victim, share] of shares) {
    if (rest < share) return victim;
    rest -= share;
  }
  return "Relay";
}
