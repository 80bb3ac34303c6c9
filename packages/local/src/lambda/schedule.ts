/**
 * EventBridge Scheduler's `rate(…)` schedules.
 *
 * The first tick comes soon after the start instead of one period later, so that what was due while
 * the host was down is picked up. A tick whose predecessor is still running is left out: nothing
 * piles up. `cron(…)` is refused by name rather than run at a wrong time.
 */
import { randomUUID } from "node:crypto";
import { accountId } from "./functions.ts";
import { nodeTimer, type SetTimer } from "./timer.ts";

export type ScheduleOptions = {
  name: string;
  expression: string;
  region: string;
  invoke(payload: Buffer): Promise<unknown>;
  onProblem(line: string): void;
  setTimer?: SetTimer;
  nowMs?: () => number;
};

export type Schedule = { stop(): void };

export const firstTickMs = 1000;

const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The period of `rate(5 minutes)`; throws a sentence for everything else. */
export function parseRate(expression: string): number {
  const match = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression);
  if (match === null) {
    throw new Error(`the local host runs rate(…) schedules only, not ${expression}`);
  }
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

export function startSchedule(options: ScheduleOptions): Schedule {
  const { setTimer = nodeTimer, nowMs = Date.now } = options;
  const periodMs = parseRate(options.expression);
  let isRunning = false;
  let cancel = setTimer(tick, firstTickMs);

  function tick(): void {
    cancel = setTimer(tick, periodMs);
    if (isRunning) return;
    isRunning = true;
    options
      .invoke(Buffer.from(JSON.stringify(toEvent(options, nowMs()))))
      .catch((error: unknown) => options.onProblem(`${options.name}: ${String(error)}`))
      .finally(() => {
        isRunning = false;
      });
  }
  return { stop: () => cancel() };
}

/** What Scheduler sends when a schedule names no input. */
function toEvent(options: ScheduleOptions, nowMs: number): object {
  const { name, region } = options;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account: accountId,
    time: new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: [`arn:aws:scheduler:${region}:${accountId}:schedule/default/${name}`],
    detail: "{}",
  };
}
