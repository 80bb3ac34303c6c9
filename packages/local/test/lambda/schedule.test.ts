import { describe, expect, it } from "vitest";
import { firstTickMs, parseRate, startSchedule } from "../../src/lambda/schedule.ts";

/** Time that passes only when the test says so. */
function createTimers() {
  const pending: { task: () => void; delayMs: number }[] = [];
  return {
    pending,
    setTimer(task: () => void, delayMs: number) {
      const entry = { task, delayMs };
      pending.push(entry);
      return () => void pending.splice(pending.indexOf(entry), 1);
    },
    fire() {
      pending.shift()?.task();
    },
  };
}

function start(
  timers: ReturnType<typeof createTimers>,
  invoke: (payload: Buffer) => Promise<unknown>,
) {
  const problems: string[] = [];
  const schedule = startSchedule({
    name: "PollerSchedule",
    expression: "rate(1 minute)",
    region: "us-east-1",
    invoke,
    onProblem: (line) => problems.push(line),
    setTimer: timers.setTimer,
    nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  });
  return { schedule, problems };
}

describe("parseRate", () => {
  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(5 minutes)", 300_000],
    ["rate(2 hours)", 7_200_000],
    ["rate(1 day)", 86_400_000],
  ])("%s is %i ms", (expression, periodMs) => expect(parseRate(expression)).toBe(periodMs));

  it.each(["cron(0 12 * * ? *)", "rate(0 minutes)", "rate(banana)", "at(2026-01-01T00:00:00)"])(
    "refuses %s by name",
    (expression) => {
      expect(() => parseRate(expression)).toThrow(`runs rate(…) schedules only, not ${expression}`);
    },
  );
});

describe("startSchedule", () => {
  it("ticks soon after the start, then once a period", async () => {
    const timers = createTimers();
    const events: unknown[] = [];
    start(timers, async (payload) => events.push(JSON.parse(payload.toString())));
    expect(timers.pending.map((timer) => timer.delayMs)).toEqual([firstTickMs]);
    timers.fire();
    expect(timers.pending.map((timer) => timer.delayMs)).toEqual([60_000]);
    expect(events).toMatchObject([
      { source: "aws.scheduler", time: "2026-01-02T03:04:05Z", region: "us-east-1" },
    ]);
  });

  it("leaves out a tick while the one before is still running", async () => {
    const timers = createTimers();
    const running: (() => void)[] = [];
    start(timers, () => new Promise<void>((resolve) => running.push(resolve)));
    timers.fire();
    timers.fire();
    expect(running).toHaveLength(1);
    running[0]?.();
    await new Promise(setImmediate);
    timers.fire();
    expect(running).toHaveLength(2);
  });

  it("goes on after a failed tick, and says what failed", async () => {
    const timers = createTimers();
    const { problems } = start(timers, () => Promise.reject(new Error("Rate Exceeded.")));
    timers.fire();
    await new Promise(setImmediate);
    expect(problems).toEqual(["PollerSchedule: Error: Rate Exceeded."]);
    timers.fire();
    await new Promise(setImmediate);
    expect(problems).toHaveLength(2);
  });

  it("never ticks again once stopped", () => {
    const timers = createTimers();
    const { schedule } = start(timers, async () => undefined);
    timers.fire();
    schedule.stop();
    expect(timers.pending).toEqual([]);
  });
});
