/**
 * A run: uploads and kills at the same time, spread so that every kill finds work, then peace until everything is at rest,
 * then the verdict. Only the poller's minute is shortened, by calling it all the time; leases and grace periods are real.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Creator, connectCreators } from "./creators.ts";
import { type Killer, startKiller } from "./killer.ts";
import { look, readRecords } from "./look.ts";
import { type Job, planJobs, planKills, type Victim } from "./plan.ts";
import { type Published, publish } from "./publish.ts";
import { type System, startSystem } from "./system.ts";
import { isAtRest, judge, type Verdict } from "./verdict.ts";

export interface ChaosOptions {
  seed: number;
  publications: number;
  kills: number;
  hostKills: number;
  creators: number;
  /** Videos of two chunks, at least. */
  largeMin: number;
  /** Mean time between two kills. */
  pauseMs: number;
  /** How long everything may take to come to rest after the last kill. */
  patienceMs: number;
  /** Holds state and videos; made and removed by the caller. */
  folder: string;
  say(line: string): void;
}

export interface ChaosReport extends Verdict {
  publications: number;
  kills: number;
  killsByVictim: Record<Victim, number>;
  statuses: Record<string, number>;
  resumes: number;
  seconds: number;
}

const uploadsAtOnce = 4;
/** About as long as a poll takes, so that its killers find it at work. */
const pollPauseMs = 100;
const restPauseMs = 1_000;
const sayEveryMs = 10_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const end = new AbortController();
  const system = await startSystem(join(options.folder, "state"));
  try {
    const creators = await connectCreators(system.place(), options.creators);
    const killer = startKiller(system, planKills(options), end.signal);
    const published: Published[] = [];
    const saying = sayProgress(
      options,
      () => {
        return `t=${seconds()}s uploaded=${published.length} kills=${killer.count()}`;
      },
      end.signal,
    );
    const polling = keepPolling(system, end.signal);
    await uploadAll(options, { creators, killer, published });
    await killer.done;
    await untilRest(system, options);
    end.abort();
    await Promise.all([polling, saying]);
    const sight = await look(system.place());
    return {
      publications: published.length,
      kills: killer.count(),
      killsByVictim: killer.countByVictim,
      statuses: countStatuses(sight.records),
      resumes: published.reduce((sum, { resumes }) => sum + resumes, 0),
      seconds: seconds(),
      ...judge(published, sight),
    };
  } finally {
    end.abort();
    await system.stop();
  }
}

async function uploadAll(
  options: ChaosOptions,
  { creators, killer, published }: { creators: Creator[]; killer: Killer; published: Published[] },
): Promise<void> {
  const jobs = planJobs({ ...options, creators: creators.length });
  const queue = jobs.map((job, index) => ({ job, afterKills: turnOf(options, index) }));
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await killer.reached(next.afterKills);
      published.push(await publish(creatorOf(creators, next.job), next.job, options.folder));
    }
  };
  await Promise.all(Array.from({ length: uploadsAtOnce }, lane));
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
    const restless = (await readRecords(system.place())).filter((record) => !isAtRest(record));
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
  { say }: ChaosOptions,
  line: () => string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await delay(sayEveryMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) say(line());
  }
}

function countStatuses(records: { status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of records) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
