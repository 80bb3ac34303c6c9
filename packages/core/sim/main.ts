/**
 * `sim --seed N --runs M`: M seeds from N on. The same seeds give the same trace hash. A seed that breaks a promise
 * prints its last events and ends the run with exit code 1.
 */
import { parseArgs } from "node:util";
import { runSeed, type SeedResult } from "./run.ts";
import { createTrace } from "./trace.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "200" },
    /** Lines of the replay of a failing seed. */
    lines: { type: "string", default: "60" },
    /** Goes on after a failing seed and prints one line for each. */
    all: { type: "boolean", default: false },
  },
});
const firstSeed = count(values.seed);
const runs = count(values.runs);
const lines = count(values.lines);

let failed = 0;
const all = createTrace();
const beganMs = performance.now();
for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
  const result = await runSeed(seed, { lines });
  all.add(`${seed} ${result.hash}`);
  if (result.violations.length === 0) continue;
  failed += 1;
  print(result);
  if (!values.all) break;
}
const seconds = (performance.now() - beganMs) / 1000;
const perSecond = Math.round(runs / seconds);
console.log(`seeds=${runs} violations=${failed} trace=${all.hash()} seedsPerSecond=${perSecond}`);
process.exitCode = failed === 0 ? 0 : 1;

function print({ seed, violations, tail }: SeedResult): void {
  if (!values.all) for (const line of tail) console.log(line);
  console.log(`seed ${seed}: ${violations[0]}  (replay: sim --seed ${seed} --runs 1)`);
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`not a count: ${text}`);
  return number;
}
