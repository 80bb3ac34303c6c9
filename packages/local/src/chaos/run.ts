/**
 * A run: uploads, cancellations and kills at the same time, spread so that every kill finds work, then peace until
 * everything is at rest, then the verdict. Only the poller's minute is shortened, by calling it all the time; leases and
 * grace periods are real.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findRecordedLeaks } from "../trial/leaks.ts";
import { look, readRecords, type Sight } from "../trial/look.ts";
import { type System, startSystem } from "../trial/system.ts";
import { isAtRest, judge, type Verdict } from "../trial/verdict.ts";
import type { TrialKnobs } from "../trial/wire.ts";
import { type Creator, connectCreators } from "./creators.ts";
import { type Killer, startKiller } from "./killer.ts";
import { type Job, planJobs, planKills, type Victim } from "./plan.ts";
import { type Published, publish } from "./publish.ts";
import { isWantedAgain, keepFailing, keepTryingAgain, removeAccount } from "./trouble.ts";

export interface ChaosOptions {
  seed: number;
  publications: number;
  kills: number;
  hostKills: number;
  creators: number;
  /** Videos of two chunks, at least. */
  largeMin: number;
  /** Videos that TikTok fails once it has them, for a reason of its own. */
  failures: number;
  /** Mean time between two kills. */
  pauseMs: number;
  /** How long everything may take to come to rest after the last kill. */
  patienceMs: number;
  /** Holds state and videos; made and removed by the caller. */
  folder: string;
  say(line: string): void;
}

export interface ChaosReport extends Verdict {
  /** Secrets that were printed. */
  leaks: string[];
  /** Secrets that were looked for. */
  secrets: number;
  publications: number;
  kills: number;
  killsByVictim: Record<Victim, number>;
  statuses: Record<string, number>;
  /** What creators were told who wanted to cancel. */
  cancellations: Record<string, number>;
  /** How the removed account's publications ended; null when none was removed. */
  removed: Record<string, number> | null;
  resumes: number;
  retries: number;
  seconds: number;
}

const knobs: TrialKnobs = {
  processingMs: 200,
  processingMsPerGb: 0,
  moderationMs: 0,
  postsPerDayMax: 100_000,
  activeCreatorsPerDayMax: 100_000,
  // An upload begins with it, and one that is begun again and again asks again and again. The windows of init and
  // status stay TikTok's own: keeping them is the product's promise.
  creatorInfoPerMinute: 10_000,
  retainVideoBytes: 300_000_000,
};

const uploadsAtOnce = 4;
/** About as long as a poll takes, so that its killers find it at work. */
const pollPauseMs = 100;
const restPauseMs = 1_000;
const removalPauseMs = 200;
const sayEveryMs = 10_000;
/** Of all kills: from there on an account is removed as soon as something of it is under way. */
const removalTurn = 0.3;
const underWay = new Set(["uploading", "queued", "relaying", "processing"]);

interface Run {
  options: ChaosOptions;
  system: System;
  creators: Creator[];
  killer: Killer;
  published: Published[];
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const end = new AbortController();
  const { signal } = end;
  const recordDir = join(options.folder, "record");
  const system = await startSystem({ dir: join(options.folder, "state"), knobs, recordDir });
  try {
    const creators = await connectCreators(system.place(), options.creators);
    const killer = startKiller(system, planKills(options), signal);
    const run: Run = { options, system, creators, killer, published: [] };
    const loops = [
      keepPolling(system, signal),
      keepFailing(system, options.failures, signal),
      sayProgress(run, seconds, signal),
    ];
    const tryingAgain = keepTryingAgain(system, creators, signal);
    const removing = removeOne(run);
    await uploadAll(run);
    await killer.done;
    const removed = await removing;
    await untilRest(system, options);
    end.abort();
    await Promise.all(loops);
    const retries = await tryingAgain;
    const sight = await look(system.place());
    // What is printed while it stops counts as well.
    await system.stop();
    return {
      ...reportOn(run, sight, removed),
      ...findRecordedLeaks(recordDir),
      retries,
      seconds: seconds(),
    };
  } finally {
    end.abort();
    await system.stop();
  }
}

function reportOn({ published, killer }: Run, sight: Sight, removed: Creator | null) {
  const isRemoved = ({ accountId }: { accountId: string }) => accountId === removed?.accountId;
  const ofRemoved = sight.records.filter(({ openId }) => openId === removed?.accountId);
  const submitted = published.map((one) => ({ ...one, isRemoved: isRemoved(one) }));
  return {
    ...judge(submitted, sight),
    publications: published.length,
    kills: killer.count(),
    killsByVictim: killer.countByVictim,
    statuses: countOf(sight.records.map(({ status }) => status)),
    cancellations: countOf(published.flatMap(({ cancel }) => cancel ?? [])),
    removed:
      removed === null
        ? null
        : countOf(ofRemoved.map(({ status, failure }) => failure?.code ?? status)),
    resumes: published.reduce((sum, { resumes }) => sum + resumes, 0),
  };
}

/** The last creator, in the middle of something, while others go on. */
async function removeOne({ options, system, creators, killer }: Run): Promise<Creator | null> {
  const unlucky = creators.length > 1 ? creators.at(-1) : undefined;
  if (unlucky === undefined) return null;
  await killer.reached(Math.ceil(removalTurn * options.kills));
  while (killer.count() < options.kills) {
    const records = await readRecords(system.place()).catch(() => []);
    const own = records.filter(({ openId }) => openId === unlucky.accountId);
    if (own.some(({ status }) => underWay.has(status))) break;
    await delay(removalPauseMs);
  }
  await removeAccount(system, unlucky);
  return unlucky;
}

async function uploadAll({ options, creators, killer, published }: Run): Promise<void> {
  const jobs = planJobs({ ...options, creators: creators.length });
  const queue = jobs.map((job, index) => ({ job, afterKills: turnOf(options, index) }));
  const endings: Promise<unknown>[] = [];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await killer.reached(next.afterKills);
      const { uploaded, done } = publish(creatorOf(creators, next.job), next.job, options.folder);
      endings.push(done.then((one) => published.push(one)));
      await uploaded;
    }
  };
  await Promise.all(Array.from({ length: uploadsAtOnce }, lane));
  await Promise.all(endings);
}

/** Spread over nine tenths of the kills, so that the last ones find relays and checks at work. */
function turnOf({ kills, publications }: ChaosOptions, index: number): number {
  return Math.floor((0.9 * kills * Math.max(0, index - uploadsAtOnce)) / publications);
}

function creatorOf(creators: Creator[], job: Job): Creator {
  const creator = creators[job.creatorIndex];
  if (creator === undefined) throw new Error(`no creator ${job.creatorIndex}`);
  return creator;
}

async function keepPolling(system: System, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await system.invoke("Poller").catch(() => false);
    await delay(pollPauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns without rest when patience ends: the verdict then names who is not at rest. */
async function untilRest(system: System, { patienceMs, say }: ChaosOptions): Promise<void> {
  const endMs = performance.now() + patienceMs;
  let saidMs = performance.now();
  while (performance.now() < endMs) {
    const records = await readRecords(system.place());
    const restless = records.filter((record) => !isAtRest(record) || isWantedAgain(record));
    if (restless.length === 0) return;
    if (performance.now() - saidMs > sayEveryMs) {
      saidMs = performance.now();
      const words = restless.slice(0, 8).map(({ post, status }) => `${post.title}: ${status}`);
      say(`waiting for ${restless.length}: ${words.join(", ")}`);
    }
    await delay(restPauseMs);
  }
}

async function sayProgress(
  { options, killer, published }: Run,
  seconds: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await delay(sayEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    options.say(`t=${seconds()}s uploaded=${published.length} kills=${killer.count()}`);
  }
}

function countOf(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
