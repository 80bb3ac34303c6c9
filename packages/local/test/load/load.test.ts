/** A small load: what is asserted are counts and order, since time is the machine's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { relaySlots } from "../../src/load/plan.ts";
import { describe as describeReport, isGood } from "../../src/load/report.ts";
import { runLoad } from "../../src/load/run.ts";

/** For a machine that does much else meanwhile. */
const patience = { timeout: 600_000 };

it("posts everything once, and lets nobody's flood keep another waiting", patience, async () => {
  const folder = await mkdtemp(join(tmpdir(), "clipcast-load-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const report = await runLoad({
    small: { count: 40, bytes: 1_000_000 },
    big: { count: 2, bytes: 12_000_000 },
    users: 5,
    accountsPerUser: 2,
    // More than twice as many as relays can hold, each for so long that a single video would wait if it had to.
    noise: {
      videos: 3 * relaySlots,
      bytes: 500_000,
      chunkMs: 3_000,
      samples: { alone: 1, amid: 2 },
    },
    patienceMs: 400_000,
    folder,
    say: () => undefined,
  });

  expect(report).toMatchObject({ lost: [], doubled: [], orphans: [], failed: 0, raised: {} });
  expect(report.published).toBe(42 + 3 * relaySlots + 3);
  expect(isGood(report)).toBe(true);
  expect(report.relay.results.delivered).toBe(42);
  expect(report.relay.burnedReceives).toBe(0);
  // It was watched from outside, until nothing was left.
  expect(report.samples.at(-1)).toMatchObject({ visible: 0, settled: 42 });
  // At most one of the flood for each relay slot begins before the single video does.
  for (const { passedBy } of report.fairness?.amid ?? []) {
    expect(passedBy).toBeLessThanOrEqual(relaySlots);
  }
  expect(report.fairness?.amid).toHaveLength(2);
  expect(describeReport(report).at(-1)).toMatch(/^published=75 failed=0 lost=0 doubled=0 seconds=/);
});
