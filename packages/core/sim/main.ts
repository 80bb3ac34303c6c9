/**
 * `sim --seed N --runs M`: M seeds from N on, on every core. The same seeds give the same trace hash, however many
 * threads live them. A seed that breaks a promise prints its last events and ends the run with exit code 1.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { liveSeeds, type Outcome } from "./fleet.ts";
import { type PlantName, plants } from "./plants.ts";
import { createProgress } from "./progress.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "200" },
    /** Threads; one per core unless told otherwise. */
    workers: { type: "string", default: String(availableParallelism()) },
    /** Lines of the replay of a failing seed. */
    lines: { type: "string", default: "60" },
    /** Goes on after a failing seed and prints one line for each. */
    all: { type: "boolean", default: false },
    /** Plants a known bug, to see it found. */
    plant: { type: "string" },
  },
});
const plant = plantNamed(values.plant);
const progress = createProgress(process.stderr, count(values.runs));
const beganMs = performance.now();
const tally = await liveSeeds(
  {
    firstSeed: count(values.seed),
    runs: count(values.runs),
    workers: Math.max(1, count(values.workers)),
    lines: Math.max(1, count(values.lines)),
    keepsGoing: values.all,
    plant,
  },
  { onFailure: print, onProgress: progress.show },
);
progress.clear();
const perSecond = Math.round((tally.seeds * 1000) / (performance.now() - beganMs));
console.log(
  `seeds=${tally.seeds} violations=${tally.failed} trace=${tally.hash} seedsPerSecond=${perSecond}`,
);
process.exitCode = tally.failed === 0 ? 0 : 1;

function print({ seed, violations, tail }: Outcome): void {
  progress.clear();
  for (const line of tail) console.log(line);
  const planted = plant === null ? "" : ` --plant "${plant}"`;
  const replay = `npx pnpm@12 sim --seed ${seed} --runs 1${planted}`;
  console.log(`seed ${seed}: ${violations[0]}  (replay: ${replay})`);
}

function plantNamed(name: string | undefined): PlantName | null {
  if (name === undefined) return null;
  const found = (Object.keys(plants) as PlantName[]).find((known) => known === name);
  if (found !== undefined) return found;
  throw new Error(`no such plant: ${name}; there are: ${Object.keys(plants).join(", ")}`);
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`not a count: ${text}`);
  return number;
}
