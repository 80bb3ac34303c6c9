/** The benchmark measures what it says: every contender's bytes arrive, and a sink that would notice when they do not. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Child, startChild } from "../bench/child.ts";
import { byteAt, sinkAddressSchema } from "../bench/relay/protocol.ts";
import { medianRow } from "../bench/report.ts";

const bench = fileURLToPath(new URL("../bench", import.meta.url));
/** Four contenders, each a new process. */
const timeoutMs = 120_000;

describe("bench relay", () => {
  it(
    "brings every contender's bytes to the sink and keeps rows and ratios",
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-test-"));
      try {
        const out = join(dir, "results.json");
        const size = ["--size", "16MiB", "--rounds", "1"];
        const args = [join(bench, "main.ts"), "relay", ...size, "--out", out, "--json"];
        const { stdout } = await promisify(execFile)(process.execPath, args);

        const { relay } = JSON.parse(await readFile(out, "utf8"));
        expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toEqual(relay);
        const figure = expect.any(Number);
        const names = ["curl | curl", "SDK, buffered", "fetch, 10 MiB", "ours"];
        expect(relay).toMatchObject({ benchmark: "relay", bytes: 16 * 2 ** 20, rounds: 1 });
        expect(relay.rows).toMatchObject(
          names.map((name) => ({ name, mbPerSecond: figure, cpuSecondsPerGiB: figure })),
        );
        expect(relay.ratios).toMatchObject(
          names.slice(1).map((name) => ({ name, to: "curl | curl", speed: figure, cpu: figure })),
        );
        expect(Object.keys(relay.legend)).toEqual(names);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
    timeoutMs,
  );
});

describe("the sink", () => {
  let sink: Child<{ url: string }>;

  beforeAll(async () => {
    const input = { answerMs: 0, bytesPerSecond: null };
    sink = await startChild({ path: `${bench}/relay/sink.ts`, input, answer: sinkAddressSchema });
  });
  afterAll(() => sink.stop());

  const put = async (task: string, range: string, body: Buffer<ArrayBuffer>) => {
    const headers = { "content-range": `bytes ${range}` };
    return (await fetch(`${sink.answer.url}/${task}`, { method: "PUT", headers, body })).status;
  };
  const arrived = async (task: string) => (await fetch(`${sink.answer.url}/${task}`)).json();

  it("answers 206 and then 201, and counts", async () => {
    const content = Buffer.alloc(10, byteAt(0));
    expect(await put("good", "0-9/20", content)).toBe(206);
    expect(await put("good", "10-19/20", content)).toBe(201);
    expect(await arrived("good")).toEqual({ receivedBytes: 20, chunks: 2, strayReads: 0 });
  });

  it("refuses a chunk out of order and one that is not as long as its range", async () => {
    expect(await put("bad", "10-19/20", Buffer.alloc(10))).toBe(416);
    expect(await put("bad", "0-9/20", Buffer.alloc(9))).toBe(400);
    expect(await arrived("bad")).toMatchObject({ receivedBytes: 0 });
  });

  it("notices bytes that belong elsewhere", async () => {
    expect(await put("stray", "0-9/20", Buffer.alloc(10, byteAt(0) + 1))).toBe(206);
    expect(await arrived("stray")).toMatchObject({ strayReads: 1 });
  });
});

describe("a median", () => {
  it("does not heed one disturbed run", () => {
    const run = (seconds: number) => ({ bytes: 1e6, seconds, cpuSeconds: 1, peakRssBytes: null });
    const row = medianRow("some", [run(1), run(100), run(0.5)]);
    expect(row).toMatchObject({ name: "some", mbPerSecond: 1, peakRssMb: null });
  });
});
