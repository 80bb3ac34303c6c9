import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { acquireLock } from "../../src/host/lock.ts";
import { makeTempDir } from "../lambda/fixture.ts";

it("is free again once released", () => {
  const dir = makeTempDir();
  acquireLock(dir)();
  expect(existsSync(join(dir, "host.lock"))).toBe(false);
  acquireLock(dir)();
});

it("refuses a folder whose owner is alive, and names it", () => {
  const dir = makeTempDir();
  acquireLock(dir);
  expect(() => acquireLock(dir)).toThrow(`Another host (process ${process.pid}) is using ${dir}.`);
});

it("takes over the lock of a host that died", async () => {
  const dir = makeTempDir();
  const lock = fileURLToPath(new URL("../../src/host/lock.ts", import.meta.url));
  const source = `import { acquireLock } from ${JSON.stringify(lock)}; acquireLock(process.argv[1]);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source, dir]);
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  expect(readFileSync(join(dir, "host.lock"), "utf8")).toContain(`"pid":${child.pid}`);
  acquireLock(dir);
  expect(readFileSync(join(dir, "host.lock"), "utf8")).toContain(`"pid":${process.pid}`);
});

it.each([
  ["a stranger with the same process id", JSON.stringify({ pid: process.pid, started: "before" })],
  ["a write that was cut short", '{"pid":'],
])("takes over the lock left by %s", (_, content) => {
  const dir = makeTempDir();
  writeFileSync(join(dir, "host.lock"), content);
  expect(() => acquireLock(dir)).not.toThrow();
});
