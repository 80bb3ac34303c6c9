/**
 * A load run on the real local system: everything is stored first and submitted in one moment, all of it must settle as
 * one post each with the right bytes, and then one user's flood must not keep another user waiting.
 */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { look, readRecords } from "../trial/look.ts";
import { type System, startSystem } from "../trial/system.ts";
import { isAtRest, judge, type Verdict } from "../trial/verdict.ts";
import type { TrialKnobs } from "../trial/wire.ts";
import { type Fairness, type FairnessOptions, measureFairness } from "./fairness.ts";
import { diskBytesNeeded, type LoadPlan, planVideos, raisedCaps, type VideoPlan } from "./plan.ts";
import { difference, type RelayCounts, relayCounts } from "./relay-counts.ts";
import { type Submission, submitAll } from "./submit.ts";
import { createTurnstile } from "./turnstile.ts";
import { connectUsers } from "./users.ts";
import { type Sample, startWatch } from "./watch.ts";

export interface LoadOptions extends LoadPlan {
  /** Of the user who keeps others waiting; 0 leaves fairness unmeasured. */
  noise: Omit<FairnessOptions, "firstNumber" | "say">;
  /** How long everything may take to settle. */
  patienceMs: number;
  /** Holds the state; made and removed by the caller. */
  folder: string;
  say(line: string): void;
}

export interface LoadReport extends Verdict {
  publications: number;
  published: number;
  failed: number;
  bytes: number;
  accounts: number;
  raised: TrialKnobs;
  storedSeconds: number;
  settledSeconds: number;
  samples: Sample[];
  relay: RelayCounts;
  /** While fairness was measured. */
  noisyRelay: RelayCounts;
  fairness: Fairness | null;
  seconds: number;
}

/** Whatever is older goes as soon as it is posted; its digest stays. */
const retainVideoBytes = 4_000_000_000;
const sayEveryMs = 5_000;
const restPauseMs = 2_000;

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const startedMs = performance.now();
  const { folder, users, accountsPerUser, noise, say } = options;
  const videos = planVideos(options);
  await checkDisk(folder, videos);
  const accounts = users * accountsPerUser;
  const postsPerAccountMax = Math.ceil(videos.length / accounts);
  const raised = raisedCaps({ postsPerAccountMax, accounts });
  const system = await startSystem({
    dir: join(folder, "state"),
    knobs: { ...raised, retainVideoBytes },
    recordDir: null,
  });
  try {
    const { submissions, isSettled, ...flood } = await submitFlood(system, options, videos);
    const relay = relayCounts(await system.counts());
    // A system that has not settled is not measured; the verdict says who is under way.
    const measured =
      !isSettled || noise.videos === 0
        ? null
        : await measureFairness(system, { ...noise, firstNumber: videos.length, say });
    await untilRest(system, options);
    const all = [...submissions, ...(measured?.submissions ?? [])];
    return {
      ...(await verdictOn(system, all)),
      ...flood,
      publications: all.length,
      bytes: submissions.reduce((sum, { bytes }) => sum + bytes, 0),
      accounts,
      raised,
      relay,
      noisyRelay: difference(relayCounts(await system.counts()), relay),
      fairness: measured?.fairness ?? null,
      seconds: secondsSince(startedMs),
    };
  } finally {
    await system.stop();
  }
}

/** Stores all videos, submits them at once, and waits until all have ended. */
async function submitFlood(system: System, options: LoadOptions, videos: VideoPlan[]) {
  const { users: count, accountsPerUser: accountsEach, say } = options;
  const turnstile = createTurnstile();
  const place = system.place();
  const users = await connectUsers({ place, name: "load", count, accountsEach, turnstile });
  say(`${count} users with ${count * accountsEach} accounts are signed in`);
  const begunMs = performance.now();
  const { onLook, onStored } = sayProgress(options, begunMs);
  const watch = startWatch(system, onLook);
  let storedSeconds = 0;
  const onAllStored = () => {
    storedSeconds = secondsSince(begunMs);
    say(`all are stored after ${storedSeconds} s, and submitted now`);
  };
  const submissions = await submitAll({ users, videos, turnstile, onStored, onAllStored });
  const expected = submissions.filter(({ refusal }) => refusal === null).length;
  const isSettled = await watch.settled(expected, options.patienceMs);
  const settledSeconds = secondsSince(begunMs);
  const samples = await watch.end();
  return { submissions, isSettled, storedSeconds, settledSeconds, samples };
}

function secondsSince(ms: number): number {
  return Math.round((performance.now() - ms) / 100) / 10;
}

async function verdictOn(system: System, submissions: Submission[]) {
  const sight = await look(system.place());
  const submitted = submissions.map((one) => ({ ...one, cancel: null, isRemoved: false }));
  const count = (status: string) => sight.records.filter((one) => one.status === status).length;
  return {
    ...judge(submitted, sight),
    published: count("published"),
    failed: count("failed"),
  };
}

/** Links come and storage empties within seconds of the end. */
async function untilRest(system: System, { patienceMs }: LoadOptions): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const records = await readRecords(system.place());
    if (records.every(isAtRest)) return;
    await delay(restPauseMs);
  }
}

async function checkDisk(folder: string, videos: { bytes: number }[]): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const neededBytes = diskBytesNeeded(videos, retainVideoBytes);
  if (neededBytes < bavail * bsize) return;
  const [needed, free] = [neededBytes, bavail * bsize].map((bytes) => (bytes / 1e9).toFixed(1));
  throw new RangeError(`this load needs up to ${needed} GB in ${folder}, where ${free} are free`);
}

function sayProgress({ say, small, big }: LoadOptions, begunMs: number) {
  const total = small.count + big.count;
  let stored = 0;
  let storedBytes = 0;
  let saidMs = begunMs;
  return {
    onStored(bytes: number) {
      stored += 1;
      storedBytes += bytes;
    },
    onLook({ visible, inFlight, delayed, settled }: Sample) {
      if (performance.now() - saidMs < sayEveryMs) return;
      saidMs = performance.now();
      const seconds = Math.round((saidMs - begunMs) / 1000);
      const gigabytes = (storedBytes / 1e9).toFixed(2);
      say(
        `t=${seconds}s stored ${stored}/${total} (${gigabytes} GB), settled ${settled}; queue: ${visible} visible, ${inFlight} in flight, ${delayed} delayed`,
      );
    },
  };
}
