import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeTempDir } from "../lambda/fixture.ts";
import { writeSystem } from "./fixture.ts";

const script = fileURLToPath(new URL("../../src/bin/start.ts", import.meta.url));

function start(args: string[]) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const closed = once(child, "close") as Promise<[number | null]>;
  return { child, closed, output: () => output };
}

function writePlan(): { plan: string; dir: string } {
  const root = makeTempDir();
  const plan = join(root, "plan.json");
  writeFileSync(plan, JSON.stringify({ system: writeSystem(join(root, "app")) }));
  return { plan, dir: join(root, "state") };
}

describe("start", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "shows one address, and ends with 0 on %s, functions included",
    async (signal) => {
      const { plan, dir } = writePlan();
      const { child, closed, output } = start([
        "--port",
        "0",
        "--dir",
        dir,
        "--plan",
        plan,
        "--logs",
      ]);
      await expect.poll(output).toContain("Ctrl-C stops");
      const [, url = ""] = /Open (http:\/\/localhost:\d+)/.exec(output()) ?? [];
      expect((await fetch(`${url}/api/notes`)).status).toBe(200);
      await expect.poll(output).toMatch(/Front +REPORT/);

      child.kill(signal);
      expect((await closed)[0]).toBe(0);
      await expect(fetch(url)).rejects.toThrow("fetch failed");
    },
  );

  it("names the port that is taken and the option that changes it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { plan, dir } = writePlan();
    const { closed, output } = start(["--port", String(port), "--dir", dir, "--plan", plan]);
    expect((await closed)[0]).toBe(1);
    expect(output()).toContain(
      `Port ${port} (the page and the API) is taken by another program. Choose another with --port.`,
    );
    expect(output()).not.toContain("    at ");
  });

  it.each([
    [["--port", "many"], '--port takes a port number, not "many"'],
    [["--colour"], "Unknown option '--colour'"],
  ])("explains itself after %j", async (args, message) => {
    const { closed, output } = start(args);
    expect((await closed)[0]).toBe(1);
    expect(output()).toContain(message);
    expect(output()).toContain("Usage: start");
  });
});
