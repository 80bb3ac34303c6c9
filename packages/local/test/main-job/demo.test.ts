/** The demo as a program: its last line, its exit code, and what it says when it is asked for nonsense. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const bin = fileURLToPath(new URL("../../src/bin/demo.ts", import.meta.url));
const patience = { timeout: 120_000 };

/** The report's shape is what scripts rely on, so nothing may be missing and nothing added. */
const reportSchema = z.strictObject({
  status: z.string(),
  bytes: z.number(),
  sha256: z.strictObject({ file: z.string(), tiktok: z.string().nullable() }),
  posts: z.number(),
  upload: z.strictObject({ seconds: z.number(), mbPerSecond: z.number() }),
  relay: z.strictObject({
    seconds: z.number(),
    mbPerSecond: z.number(),
    peakRssMb: z.number(),
    invocations: z.number(),
  }),
  lastPartToLastChunkSeconds: z.number().nullable(),
});

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

const reportOf = (out: string) =>
  reportSchema.parse(JSON.parse(out.trimEnd().split("\n").at(-1) ?? ""));

describe("demo", () => {
  it("ends with its report and 0 after exactly one post of the same bytes", patience, async () => {
    const { code, out } = await run("--size", "6MB", "--json");
    const report = reportOf(out);
    expect(report).toMatchObject({ status: "published", posts: 1, bytes: 6_000_000 });
    expect(report.sha256.tiktok).toBe(report.sha256.file);
    expect(code).toBe(0);
  });

  it("ends with 1 when TikTok does not post the file", patience, async () => {
    const { code, out } = await run(bin, "--json");
    expect(reportOf(out)).toMatchObject({ status: "failed", posts: 0 });
    expect(out).toContain("Export it as MP4");
    expect(code).toBe(1);
  });

  it.each([
    [["--size", "huge"], "a size looks like"],
    [["--size", "10"], "cannot become 10"],
    [["--kill", "bill"], '--kill takes "relay"'],
    [["--colour"], "--colour"],
  ])("explains itself after %j", patience, async (args, words) => {
    const { code, err } = await run(...args);
    expect(err).toContain(words);
    expect(err).toContain("Usage: demo");
    expect(code).toBe(1);
  });
});
