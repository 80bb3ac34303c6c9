import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { announceHost, findHost } from "../src/running.ts";

function makeDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-ops-running-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const variables = { AWS_REGION: "us-east-1" };

it("finds a host while it runs, and not afterwards", () => {
  const dir = makeDir();
  const leave = announceHost(dir, variables);
  expect(findHost(dir)).toEqual(variables);
  leave();
  expect(findHost(dir)).toBeNull();
  expect(existsSync(join(dir, "running.json"))).toBe(false);
});

it("is for its owner alone, even where a wider note lay before", () => {
  const dir = makeDir();
  const path = join(dir, "running.json");
  writeFileSync(path, "{}", { mode: 0o666 });
  announceHost(dir, variables);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("does not believe the note of a host that was killed", async () => {
  const dir = makeDir();
  const running = fileURLToPath(new URL("../src/running.ts", import.meta.url));
  const source = `import { announceHost } from ${JSON.stringify(running)};
    announceHost(process.argv[1], { AWS_REGION: "x" }); process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source, dir]);
  await once(child, "exit");
  expect(existsSync(join(dir, "running.json"))).toBe(true);
  expect(findHost(dir)).toBeNull();
});

it("does not take a stranger with the same process id for the host", () => {
  const dir = makeDir();
  announceHost(dir, variables);
  const path = join(dir, "running.json");
  const note = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...note, started: "before" }));
  expect(findHost(dir)).toBeNull();
});
