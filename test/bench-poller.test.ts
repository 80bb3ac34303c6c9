/** What the poller's benchmark finds must not depend on the machine: a crowd that waits costs a tick not one read more. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../bench/main.ts", import.meta.url));
const timeoutMs = 180_000;

it(
  "a tick reads what is due and nothing of what waits",
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-test-"));
    try {
      const out = join(dir, "results.json");
      const size = ["--waiting", "1500", "--due", "30", "--rounds", "1"];
      await promisify(execFile)(process.execPath, [main, "poller", ...size, "--out", out]);
      const { poller, "poller burst": burst } = JSON.parse(await readFile(out, "utf8"));
      const names = ["100 due", "100 due, 1500 wait"];
      expect(poller.rows).toMatchObject(names.map((name) => ({ name, settled: 100 })));
      expect(poller.ratios).toMatchObject([{ name: names[1], to: names[0], reads: 1 }]);
      // Which reads go together as one request is a matter of moments.
      expect(poller.ratios[0].calls).toBeLessThan(1.2);
      expect(burst.rows).toMatchObject([{ settled: 30 }]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
  timeoutMs,
);
