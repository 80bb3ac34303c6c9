/** One thread of the simulation: lives the seeds of a batch, one after another, and answers how they ended. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../src/errors/index.ts";
import type { Batch, Outcome, WorkerOrders } from "./fleet.ts";
import { plants } from "./plants.ts";
import { runSeed } from "./run.ts";

// Both ends are this folder's: what crosses is trusted.
const orders = workerData as WorkerOrders;
const plant = orders.plant === null ? undefined : plants[orders.plant];
const port = parentPort;
assert(port, "this file runs as a worker thread");

async function live({ firstSeed, seeds }: Batch): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const { hash, violations, tail } = await runSeed(seed, {
      lines: orders.lines,
      ...(plant === undefined ? {} : { plant }),
    });
    const isFailing = violations.length > 0;
    outcomes.push({ seed, hash, violations, tail: isFailing && !orders.keepsGoing ? tail : [] });
    if (isFailing && !orders.keepsGoing) break;
  }
  return outcomes;
}

port.on("message", async (batch: Batch) => port.postMessage(await live(batch)));
