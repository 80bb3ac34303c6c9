/** Speed and time left on links that jump: what a person reads must not. */
import { describe, expect, it } from "vitest";
import { createMeter } from "../src/progress.ts";

const tickMs = 250;
const MB = 1_000_000;

/** Feeds the meter a series of bytes per tick and reads it after each, as the engine does. */
function play(totalBytes: number, seconds: number, bytesIn: (tick: number) => number) {
  const meter = createMeter(totalBytes, 0);
  let confirmedBytes = 0;
  const readings = [];
  for (let tick = 1; tick <= seconds * 4; tick += 1) {
    const bytes = bytesIn(tick);
    confirmedBytes += bytes;
    meter.moved(bytes);
    readings.push(meter.read({ nowMs: tick * tickMs, confirmedBytes, inFlightBytes: 0 }));
  }
  return readings;
}

const jumpy: [string, (tick: number) => number][] = [
  // Each averages 4 MB/s.
  ["a second of much and a second of nearly nothing", (tick) => (tick % 8 < 4 ? 1.9 : 0.1) * MB],
  ["sockets that swallow two seconds' worth at once", (tick) => (tick % 8 === 0 ? 8 : 0) * MB],
  ["pseudo-random bursts", (tick) => ((tick * 7_919) % 13 < 4 ? 3.25 : 0) * MB],
];

describe.each(jumpy)("with %s", (_name, bytesIn) => {
  const readings = play(2_000 * MB, 120, bytesIn);
  const settled = readings.slice(40);

  it("the speed keeps near the truth", () => {
    for (const { bytesPerSecond } of settled) {
      expect(bytesPerSecond).toBeGreaterThan(2.9 * MB);
      expect(bytesPerSecond).toBeLessThan(5.2 * MB);
    }
  });

  it("the time left counts down without jumps", () => {
    for (const [index, { secondsLeft }] of settled.entries()) {
      const before = settled[index - 1]?.secondsLeft;
      if (secondsLeft === null) expect.unreachable("the time is known by now");
      if (before === undefined || before === null) continue;
      // A reading is at most two in a hundred away from what a clock would show.
      expect(Math.abs(secondsLeft - (before - tickMs / 1000))).toBeLessThan(before * 0.02);
    }
    const last = readings.at(-1);
    const trueSeconds = ((last?.totalBytes ?? 0) - (last?.confirmedBytes ?? 0)) / (4 * MB);
    expect(last?.secondsLeft).toBeGreaterThan(trueSeconds * 0.8);
    expect(last?.secondsLeft).toBeLessThan(trueSeconds * 1.2);
  });
});

it("follows a link that really got slower within forty seconds", () => {
  const readings = play(4_000 * MB, 100, (tick) => (tick <= 240 ? 1 : 0.25) * MB);
  const last = readings.at(-1);
  expect(last?.bytesPerSecond).toBeLessThan(1.05 * MB);
  const left = ((last?.totalBytes ?? 0) - (last?.confirmedBytes ?? 0)) / MB;
  expect(last?.secondsLeft).toBeGreaterThan(left * 0.9);
});

it("puts a bad first guess right as soon as the speed is known", () => {
  // A slow beginning: the first second promises a wait forty times too long.
  const readings = play(400 * MB, 10, (tick) => (tick <= 5 ? 0.05 : 2) * MB);
  const last = readings.at(-1);
  const left = ((last?.totalBytes ?? 0) - (last?.confirmedBytes ?? 0)) / (8 * MB);
  expect(last?.secondsLeft).toBeLessThan(left * 2);
});

it("says nothing in the first second, nor while nothing moves", () => {
  const readings = play(100 * MB, 60, (tick) => (tick < 20 ? MB : 0));
  expect(readings[2]).toMatchObject({ bytesPerSecond: null, secondsLeft: null });
  expect(readings[8]?.secondsLeft).toBeGreaterThan(0);
  const meter = createMeter(10, 0);
  const still = { confirmedBytes: 0, inFlightBytes: 0 };
  meter.read({ nowMs: 1_000, ...still });
  expect(meter.read({ nowMs: 5_000, ...still }).secondsLeft).toBeNull();
});

it("counts what broke, and shows no step back", () => {
  const meter = createMeter(10 * MB, 0);
  meter.moved(3 * MB);
  meter.read({ nowMs: 1_000, confirmedBytes: 2 * MB, inFlightBytes: MB });
  meter.broke(MB);
  const after = meter.read({ nowMs: 1_250, confirmedBytes: 2 * MB, inFlightBytes: 0 });
  expect(after).toMatchObject({ sentBytes: 3 * MB, confirmedBytes: 2 * MB, resentBytes: MB });
});
