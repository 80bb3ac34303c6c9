import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { makeTempDir } from "./fixture.ts";

it("ends a function's process when the host dies by SIGKILL", async () => {
  const dir = makeTempDir();
  writeFileSync(join(dir, "Pid.ts"), "export const handler = async () => process.pid;");
  const script = fileURLToPath(new URL("./orphan-host.ts", import.meta.url));
  const host = spawn(process.execPath, [script, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(() => process.kill(pid, 0)).not.toThrow();
  host.kill("SIGKILL");
  await once(host, "exit");
  await expect.poll(() => isRunning(pid)).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
