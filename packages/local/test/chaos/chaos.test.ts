/** A small run of `chaos`: real uploads while real processes die, the whole host twice among them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runChaos } from "../../src/chaos/run.ts";

/** Bounds for a machine that does much else meanwhile; a lost message alone is found after a minute. */
const patience = { timeout: 600_000 };

it("posts every video once through kills of all its processes", patience, async () => {
  const folder = await mkdtemp(join(tmpdir(), "clipcast-chaos-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const report = await runChaos({
    seed: 3,
    publications: 12,
    kills: 15,
    hostKills: 2,
    creators: 4,
    largeMin: 2,
    pauseMs: 200,
    patienceMs: 400_000,
    folder,
    say: () => undefined,
  });

  expect(report).toMatchObject({ lost: [], doubled: [], orphans: [] });
  expect(report).toMatchObject({ publications: 12, kills: 15 });
  expect(report.killsByVictim.host).toBe(2);
  expect(report.statuses.published).toBe(12);
});
