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
import { medianRow, quantile, streamFiguresOf, toResult } from "../bench/report.ts";
import { createCuts } from "../bench/upload/cuts.ts";
import { createWay, type FarEnd } from "../bench/upload/link.ts";

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
        const setting = { bytes: 16 * 2 ** 20, rounds: 1 };
        expect(relay).toMatchObject({ benchmark: "relay", setting });
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
    const run = (seconds: number) =>
      streamFiguresOf({ bytes: 1e6, seconds, cpuSeconds: 1, peakRssBytes: null });
    const row = medianRow("some", [run(1), run(100), run(0.5)]);
    expect(row).toMatchObject({ name: "some", mbPerSecond: 1, peakRssMb: null });
  });

  it("is one of the quantiles", () => {
    const values = Array.from({ length: 101 }, (_, n) => 100 - n);
    expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([0, 50, 99, 100]);
  });
});

describe("a result", () => {
  it("compares everybody with each baseline, and no baseline with another", () => {
    const figures = [{ key: "ms", title: "ms", digits: 0, ratio: { key: "time", title: "×" } }];
    const rows = [
      { name: "one", ms: 10 },
      { name: "other", ms: 20 },
      { name: "ours", ms: 5 },
    ];
    const given = { benchmark: "some", setting: {}, figures, rows, legend: {} };
    expect(toResult({ ...given, baselines: rows.slice(0, 2) }).ratios).toEqual([
      { name: "ours", to: "one", time: 0.5 },
      { name: "ours", to: "other", time: 0.25 },
    ]);
  });
});

describe("the link", () => {
  /** Time that moves by itself, a timer after the other. */
  const createTime = () => {
    let nowMs = 0;
    const timers: { atMs: number; run: () => void }[] = [];
    return {
      nowMs: () => nowMs,
      after: (delayMs: number, run: () => void) => void timers.push({ atMs: nowMs + delayMs, run }),
      runUntil(endMs: number) {
        for (let next = timers.shift(); next !== undefined; next = timers.shift()) {
          nowMs = next.atMs;
          next.run();
          if (nowMs >= endMs) return;
        }
      },
    };
  };
  const pieceBytes = 1_000;
  /** Sends as much as fits, all the time, and remembers what arrived when. */
  const send = (way: ReturnType<typeof createWay>, time: ReturnType<typeof createTime>) => {
    const arrivals: number[] = [];
    const far: FarEnd = {
      deliver: () => void arrivals.push(time.nowMs()),
      end: () => undefined,
      backlogBytes: () => 0,
      onRoom: () => fill(),
    };
    const lane = way(far);
    const fill = () => {
      while (lane.push(new Uint8Array(pieceBytes)));
    };
    fill();
    return arrivals;
  };

  it("carries its rate and no more, each byte later by the delay", () => {
    const time = createTime();
    const arrivals = send(createWay({ bytesPerSecond: 1e6, delayMs: 25, clock: time }), time);
    time.runUntil(2_000);
    expect(arrivals[0]).toBeGreaterThanOrEqual(25);
    const carried = arrivals.filter((atMs) => atMs > 1_000 && atMs <= 2_000).length * pieceBytes;
    expect(carried).toBeGreaterThan(0.98e6);
    expect(carried).toBeLessThan(1.02e6);
  });

  it("gives each lane its turn", () => {
    const time = createTime();
    const way = createWay({ bytesPerSecond: 1e6, delayMs: 0, clock: time });
    const lanes = [send(way, time), send(way, time), send(way, time)];
    time.runUntil(3_000);
    const counts = lanes.map((arrivals) => arrivals.length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(10);
    expect(Math.min(...counts)).toBeGreaterThan(900);
  });
});

describe("requests that break", () => {
  const head = (method: string) =>
    Buffer.from(`${method} /k HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n`);
  const request = (cutter: ReturnType<ReturnType<typeof createCuts>["cutter"]>, method: string) => {
    const cut = [head(method), Buffer.alloc(50), Buffer.alloc(50)].some((it) => cutter.sent(it));
    cutter.answered();
    return cut;
  };

  it("are the wished share of the parts, whichever connection they come by", () => {
    const cuts = createCuts(0.1);
    const cutters = [cuts.cutter(), cuts.cutter()];
    for (let n = 0; n < 100; n += 1) {
      for (const cutter of cutters.slice(n % 2, (n % 2) + 1)) request(cutter, "PUT");
    }
    expect(cuts.counts(true)).toEqual({ puts: 100, cuts: 10 });
    expect(cuts.counts(false)).toEqual({ puts: 0, cuts: 0 });
  });

  it("break in the middle of their body, and nothing else breaks", () => {
    const cuts = createCuts(0.5);
    const cutter = cuts.cutter();
    expect([cutter.sent(head("PUT")), cutter.sent(Buffer.alloc(10))]).toEqual([false, false]);
    expect(cutter.sent(Buffer.alloc(50))).toBe(true);
    cutter.answered();
    for (let n = 0; n < 20; n += 1) expect(request(cutter, "POST")).toBe(false);
  });
});
