/**
 * Everything that calls functions without being asked by HTTP: the plan's queues and schedules, and
 * the sweeps that AWS runs behind one's back (table TTL, bucket lifecycle).
 */
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { System } from "@clipcast/infra/plan";
import { startEventSource } from "../lambda/event-source.ts";
import type { Functions } from "../lambda/functions.ts";
import { parseRate, startSchedule } from "../lambda/schedule.ts";
import { nodeTimer, type SetTimer } from "../lambda/timer.ts";
import type { Queue } from "./provision.ts";

export type SourcesOptions = {
  system: System;
  functions: Functions;
  consumerFor(functionName: string): SQSClient;
  queueByName: Map<string, Queue>;
  region: string;
  /** False leaves schedules and sweeps to the caller: a test that owns the time. */
  hasSchedules: boolean;
  sweeps: (() => Promise<unknown>)[];
  onProblem(line: string): void;
  setTimer?: SetTimer;
};

export type Sources = {
  /** Takes nothing new; resolves when deliveries in flight have ended. */
  close(): Promise<void>;
};

/** AWS says "within a few days"; here a minute shows what expiry does. */
const sweepEveryMs = 60_000;

export function startSources(options: SourcesOptions): Sources {
  const { system, functions, region, onProblem } = options;
  const setTimer = options.setTimer ?? nodeTimer;
  const sources = system.eventSources.map((spec) => {
    const queue = options.queueByName.get(spec.queue);
    if (queue === undefined) throw new Error(`The plan has no queue named ${spec.queue}.`);
    return startEventSource({
      ...spec,
      sqs: options.consumerFor(spec.function),
      queueUrl: queue.url,
      queueArn: queue.arn,
      region,
      invoke: (payload) => functions.invoke(spec.function, payload),
      onProblem,
    });
  });
  const schedules = (options.hasSchedules ? system.schedules : []).map((spec) =>
    startSchedule({
      ...spec,
      region,
      invoke: (payload) => functions.invoke(spec.function, payload),
      onProblem,
      setTimer,
    }),
  );
  const stopSweeps = options.hasSchedules ? startSweeps(options.sweeps, setTimer, onProblem) : null;
  return {
    async close() {
      for (const schedule of schedules) schedule.stop();
      stopSweeps?.();
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/** Refuses, before anything starts, a schedule that would never run here. */
export function checkSchedules(system: System): void {
  for (const { name, expression } of system.schedules) {
    try {
      parseRate(expression);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function startSweeps(
  sweeps: (() => Promise<unknown>)[],
  setTimer: SetTimer,
  onProblem: (line: string) => void,
): () => void {
  let isStopped = false;
  let cancel = setTimer(tick, sweepEveryMs);
  function tick(): void {
    const all = sweeps.map((sweep) =>
      sweep().catch((error: unknown) => onProblem(`a sweep failed: ${String(error)}`)),
    );
    void Promise.all(all).then(() => {
      if (!isStopped) cancel = setTimer(tick, sweepEveryMs);
    });
  }
  return () => {
    isStopped = true;
    cancel();
  };
}
