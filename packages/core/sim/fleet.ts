/**
 * Many seeds on many threads. Which thread lives which seed, and when, changes nothing: the outcomes are put together in
 * the order of the seeds, so that the hash, and the failure that is reported first, depend on the seeds alone.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PlantName } from "./plants.ts";
import type { SeedResult } from "./run.ts";
import { createTrace } from "./trace.ts";

export interface Orders {
  firstSeed: number;
  runs: number;
  workers: number;
  /** Lines of the replay of a failing seed. */
  lines: number;
  /** Goes on after a failing seed. */
  keepsGoing: boolean;
  plant: PlantName | null;
}

/** What a worker is told once. */
export type WorkerOrders = Pick<Orders, "lines" | "plant" | "keepsGoing">;

export interface Batch {
  firstSeed: number;
  seeds: number;
}

/** One seed's end as it crosses threads: no replay where nothing failed. */
export type Outcome = Pick<SeedResult, "seed" | "hash" | "violations" | "tail">;

export interface Tally {
  /** Seeds that count: up to the failing one, where it ends the run. */
  seeds: number;
  failed: number;
  hash: string;
}

export interface Watch {
  /** In the order of the seeds. */
  onFailure(outcome: Outcome): void;
  onProgress(tally: Pick<Tally, "seeds" | "failed">): void;
}

/** A tenth of a second of work: little waits behind a slow seed, and threads seldom talk. */
const batchSeeds = 10;

/** A worker needs a third of this. One that keeps what it lived through ends here, not with the machine's memory. */
const workerHeapMb = 256;

export async function liveSeeds(orders: Orders, watch: Watch): Promise<Tally> {
  const { lines, plant, keepsGoing } = orders;
  const workerData: WorkerOrders = { lines, plant, keepsGoing };
  const book = createBook(orders, watch);
  const workers = Array.from(
    { length: Math.min(orders.workers, Math.ceil(orders.runs / batchSeeds)) },
    () =>
      new Worker(new URL("./worker.ts", import.meta.url), {
        workerData,
        resourceLimits: { maxOldGenerationSizeMb: workerHeapMb },
      }),
  );
  try {
    await Promise.all(workers.map((worker) => employ(worker, book)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return book.tally();
}

async function employ(worker: Worker, book: Book): Promise<void> {
  for (let batch = book.next(); batch !== null; batch = book.next()) {
    const { firstSeed, seeds } = batch;
    worker.postMessage(batch);
    try {
      // Rejects when the worker fails, which no seed may do to it.
      const [outcomes] = (await once(worker, "message")) as [Outcome[]];
      book.enter(firstSeed, outcomes);
    } catch (cause) {
      const last = firstSeed + seeds - 1;
      throw new Error(`a worker broke down between seeds ${firstSeed} and ${last}`, { cause });
    }
  }
}

interface Book {
  /** The next seeds to live; null when there are none, or none that could matter. */
  next(): Batch | null;
  enter(firstSeed: number, outcomes: Outcome[]): void;
  tally(): Tally;
}

/**
 * Gives out batches and takes their outcomes back in any order. It keeps only what came before its turn: as much as the
 * others finish during the slowest batch.
 */
function createBook(orders: Orders, watch: Watch): Book {
  const endSeed = orders.firstSeed + orders.runs;
  const early = new Map<number, Outcome[]>();
  const trace = createTrace({ lines: 1 });
  let nextSeed = orders.firstSeed;
  let turnSeed = orders.firstSeed;
  let seeds = 0;
  let failed = 0;
  let isEnding = false;

  const count = (outcome: Outcome) => {
    seeds += 1;
    trace.add(`${outcome.seed} ${outcome.hash}`);
    if (outcome.violations.length === 0) return;
    failed += 1;
    watch.onFailure(outcome);
  };

  return {
    next() {
      if (isEnding || nextSeed >= endSeed) return null;
      const batch = { firstSeed: nextSeed, seeds: Math.min(batchSeeds, endSeed - nextSeed) };
      nextSeed += batch.seeds;
      return batch;
    },
    enter(firstSeed, outcomes) {
      early.set(firstSeed, outcomes);
      const isFailing = outcomes.some(({ violations }) => violations.length > 0);
      // Earlier batches are given out already; an earlier failure among them is waited for.
      if (isFailing && !orders.keepsGoing) isEnding = true;
      for (let turn = early.get(turnSeed); turn !== undefined; turn = early.get(turnSeed)) {
        early.delete(turnSeed);
        turnSeed += batchSeeds;
        for (const outcome of turn) if (failed === 0 || orders.keepsGoing) count(outcome);
      }
      watch.onProgress({ seeds, failed });
    },
    tally: () => ({ seeds, failed, hash: trace.hash() }),
  };
}
