/**
 * A small run of `chaos`: real uploads while real processes die, the whole host twice among them, some publications
 * are cancelled, TikTok fails one, and one account is disconnected.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runChaos } from "../../src/chaos/run.ts";

/** Bounds for a machine that does much else meanwhile; a lost message alone is found after a minute. */
const patience = { timeout: 600_000 };

it("keeps every promise through kills of all its processes", patience, async () => {
  const folder = await mkdtemp(join(tmpdir(), "clipcast-chaos-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const report = await runChaos({
    seed: 3,
    publications: 14,
    kills: 15,
    hostKills: 2,
    creators: 4,
    largeMin: 2,
    failures: 1,
    pauseMs: 200,
    patienceMs: 400_000,
    folder,
    say: () => undefined,
  });

  expect(report).toMatchObject({ lost: [], doubled: [], orphans: [], leaks: [] });
  expect(report).toMatchObject({ publications: 14, kills: 15 });
  expect(report.killsByVictim.host).toBe(2);
  // The rest was cancelled or belonged to the removed account, and the verdict has looked at each.
  expect(report.statuses.published).toBeGreaterThan(5);
  expect(Object.keys(report.cancellations)).not.toEqual([]);
});
