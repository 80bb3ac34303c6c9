/**
 * What a load run submits, and what TikTok's own limits say to it. Pure. The windows of init and status stay as they
 * are, because keeping them is the product's promise; a cap that would end the run is raised, and said to be.
 */
import type { TrialKnobs } from "../trial/wire.ts";

export interface VideoPlan {
  /** The post's title. */
  name: string;
  /** Of all videos of the run; what its bytes are made from. */
  number: number;
  bytes: number;
  userIndex: number;
  /** Among the user's own. */
  accountIndex: number;
}

export interface LoadPlan {
  users: number;
  accountsPerUser: number;
  small: { count: number; bytes: number };
  big: { count: number; bytes: number };
}

/** TikTok's, as the sandbox keeps them: posts per creator and day, creators per app and day, creator info per minute. */
const caps = { postsPerDayMax: 15, activeCreatorsPerDayMax: 500, creatorInfoPerMinute: 20 };

/** Big ones are spread among the small ones, and all of them evenly over the accounts. */
export function planVideos(plan: LoadPlan): VideoPlan[] {
  const { small, big, users, accountsPerUser } = plan;
  const total = small.count + big.count;
  return Array.from({ length: total }, (_, number) => {
    const isBig = bigUpTo(big.count, total, number + 1) > bigUpTo(big.count, total, number);
    return {
      name: `load-${number}`,
      number,
      bytes: isBig ? big.bytes : small.bytes,
      userIndex: number % users,
      accountIndex: Math.floor(number / users) % accountsPerUser,
    };
  });
}

function bigUpTo(bigCount: number, total: number, length: number): number {
  return Math.floor((bigCount * length) / total);
}

/** All videos of one user, who has as many accounts as let none of them wait for its init window. */
export function planNoise(options: { count: number; bytes: number; firstNumber: number }): {
  accounts: number;
  videos: VideoPlan[];
} {
  const { count, bytes, firstNumber } = options;
  const accounts = Math.max(1, Math.min(accountsPerUserMax, Math.ceil(count / initsPerWindow)));
  const videos = Array.from({ length: count }, (_, n) => ({
    name: `noise-${n}`,
    number: firstNumber + n,
    bytes,
    userIndex: 0,
    accountIndex: n % accounts,
  }));
  return { accounts, videos };
}

/** Inits that the product allows itself per account and minute. */
const initsPerWindow = 5;
/** What one page of a user's accounts shows; nobody has more. */
const accountsPerUserMax = 100;

/** Caps that so many posts per account, and so many accounts, would meet; with what they are raised to. */
export function raisedCaps(options: { postsPerAccountMax: number; accounts: number }): TrialKnobs {
  const { postsPerAccountMax, accounts } = options;
  const needed = {
    postsPerDayMax: postsPerAccountMax,
    activeCreatorsPerDayMax: accounts,
    // Each upload begins with it.
    creatorInfoPerMinute: postsPerAccountMax,
  };
  const raised: TrialKnobs = {};
  for (const name of [
    "postsPerDayMax",
    "activeCreatorsPerDayMax",
    "creatorInfoPerMinute",
  ] as const) {
    if (needed[name] > caps[name]) raised[name] = needed[name];
  }
  return raised;
}

/** All videos are stored before the first is relayed; TikTok's side holds those on their way and what it retains. */
export function diskBytesNeeded(videos: { bytes: number }[], retainedBytes: number): number {
  const stored = videos.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = Math.max(0, ...videos.map(({ bytes }) => bytes));
  return stored + relaySlots * largest + Math.min(stored, retainedBytes);
}

/** Relays at once (the event source's maximum concurrency). */
export const relaySlots = 10;
