/** Seeds on many threads: the same outcome as on one, and a bug is found, reported first and replayed all the same. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { liveSeeds, type Orders, type Outcome } from "../../sim/fleet.ts";
import { plants } from "../../sim/plants.ts";
import { runSeed } from "../../sim/run.ts";
import { createTrace } from "../../sim/trace.ts";

const usual: Orders = {
  firstSeed: 1,
  runs: 25,
  workers: 1,
  lines: 20,
  keepsGoing: false,
  plant: null,
};

async function live(changes: Partial<Orders>) {
  const failures: Outcome[] = [];
  const seen: number[] = [];
  const tally = await liveSeeds(
    { ...usual, ...changes },
    {
      onFailure: (outcome) => failures.push(outcome),
      onProgress: ({ seeds }) => seen.push(seeds),
    },
  );
  return { tally, failures, seen };
}

function sim(...args: string[]): Promise<{ exitCode: number; lines: string[] }> {
  const main = fileURLToPath(new URL("../../sim/main.ts", import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (_, stdout) => {
      resolve({ exitCode: child.exitCode ?? -1, lines: stdout.trimEnd().split("\n") });
    });
  });
}

describe("seeds on many threads", { timeout: 120_000 }, () => {
  it("have the hash of the same seeds one after another", async () => {
    const trace = createTrace();
    for (let seed = 1; seed <= usual.runs; seed += 1) {
      trace.add(`${seed} ${(await runSeed(seed)).hash}`);
    }
    const expected = { seeds: usual.runs, failed: 0, hash: trace.hash() };
    for (const workers of [1, 2]) {
      const { tally, seen } = await live({ workers });
      expect(tally).toEqual(expected);
      expect(seen.at(-1)).toBe(usual.runs);
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    }
  });

  it("report the first seed that fails, whichever thread meets another before", async () => {
    const plant = "forget a checkpoint";
    const alone = await live({ plant, workers: 1 });
    const together = await live({ plant, workers: 3 });
    expect(together.tally).toEqual(alone.tally);
    expect(together.failures).toEqual(alone.failures);
    expect(alone.tally.failed).toBe(1);

    const [failure] = alone.failures;
    expect(failure?.seed).toBe(alone.tally.seeds);
    const replay = await runSeed(failure?.seed ?? 0, { plant: plants[plant], lines: usual.lines });
    expect(failure).toEqual({
      seed: replay.seed,
      hash: replay.hash,
      violations: replay.violations,
      tail: replay.tail,
    });
    expect(failure?.violations).not.toEqual([]);
  });

  it("go on after a failure when told to, in the order of the seeds", async () => {
    const { tally, failures } = await live({
      plant: "settle twice",
      workers: 2,
      keepsGoing: true,
    });
    expect(tally.seeds).toBe(usual.runs);
    expect(tally.failed).toBe(failures.length);
    expect(failures.length).toBeGreaterThan(1);
    const seeds = failures.map(({ seed }) => seed);
    expect(seeds).toEqual(seeds.toSorted((one, other) => one - other));
  });
});

describe("the command", { timeout: 120_000 }, () => {
  it("prints one line when no promise is broken", async () => {
    const { exitCode, lines } = await sim("--seed", "7", "--runs", "12", "--workers", "2");
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^seeds=12 violations=0 trace=[0-9a-f]{16} seedsPerSecond=\d+$/),
    ]);
  });

  it("prints a failing seed's last events and the command that replays it alone", async () => {
    const found = await sim("--runs", "25", "--lines", "9", "--plant", "settle twice");
    expect(found.exitCode).toBe(1);
    expect(found.lines.at(-1)).toMatch(/^seeds=\d+ violations=1 trace=/);
    const said = found.lines.at(-2) ?? "";
    const [, seed, violation, command] =
      /^seed (\d+): (.+?) {2}\(replay: npx pnpm@12 sim (.+)\)$/.exec(said) ?? [];
    expect(command).toBe(`--seed ${seed} --runs 1 --plant "settle twice"`);
    expect(found.lines.slice(0, -2)).toHaveLength(9);

    const words = (command ?? "").match(/"[^"]+"|\S+/g) ?? [];
    const replay = await sim(...words.map((word) => word.replaceAll('"', "")));
    expect(replay.exitCode).toBe(1);
    expect(replay.lines.at(-2)).toContain(`seed ${seed}: ${violation}`);
  });
});
