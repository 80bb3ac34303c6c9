/**
 * A whole system on virtual time: stores, queues, TikTok, the functions as processes, and the oracle that watches them.
 * What goes wrong, and how often, is given from outside; without it everything works.
 */
import type { Publication } from "../src/publications/index.ts";
import type { Log, Queue } from "../src/system/index.ts";
import type { Key } from "../src/table/index.ts";
import type { Deps } from "./deps.ts";
import { createDice, createDiceRandom } from "./dice.ts";
import { type Decide, faulty, faultyClock, type Ports } from "./faulty.ts";
import { createFunctions, type Functions, type Start, timeoutMs } from "./functions.ts";
import { createOracle, type Oracle, publicationIn, type Sight } from "./oracle.ts";
import { type Process, type ProcessKind, spawn } from "./process.ts";
import type { Delivery } from "./queue.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { createSimSealer } from "./sealer.ts";
import { createSimStorage, createSimTable, type SimStorage, type SimTable } from "./stores.ts";
import { createSimTikTok, type Moods, type SimTikTok } from "./tiktok.ts";
import type { Trace } from "./trace.ts";
import { checkRest } from "./verdict.ts";

/** A whole minute, so that the poller's ticks are easy to read. */
export const startMs = 1_800_000_000_000;
const maxFileBytes = 4_294_967_296;

/** Bends the ports of one process: how tests plant a bug. */
export type Plant = (ports: Ports, process: Process, world: World) => Ports;

/** Everything that may go wrong. */
export interface Weather {
  decide: Decide;
  moods: Moods;
  delivery: Delivery;
  breaksStream(): boolean;
  skewMs(): number;
  onSpawn(process: Process): void;
  /** When each copy of a webhook arrives; none: it is lost. */
  hookDelaysMs(): number[];
}

export interface World {
  scheduler: Scheduler;
  trace: Trace;
  violations: string[];
  table: SimTable;
  storage: SimStorage;
  tiktok: SimTikTok;
  functions: Functions;
  start: Start;
  publicationOf(bytes: number): Publication | null;
  /** Waits outside of every process, as a browser does. */
  pause(delayMs: number): Promise<void>;
  /** Runs everything to its end and judges it. */
  rest(limits: { untilMs: number; eventsMax: number }): Promise<void>;
}

export interface WorldOptions {
  seed: number;
  trace: Trace;
  weather(scheduler: Scheduler): Weather;
  plant?: Plant | undefined;
}

export function createWorld(options: WorldOptions): World {
  const { trace } = options;
  const scheduler = createScheduler(startMs);
  const weather = options.weather(scheduler);
  const violations: string[] = [];
  const report = (violation: string) => {
    violations.push(violation);
    trace.add(`${stamp(scheduler)} VIOLATION ${violation}`);
    scheduler.stop();
  };
  const { sealer, unsealed } = createSimSealer();
  const publicationOf = (bytes: number) => watched.publicationOf(bytes);
  const sight: Sight = {
    nowMs: scheduler.nowMs,
    report,
    unsealed,
    tasks: () => tiktok.tasks,
    publicationOf: (task) => publicationOf(task.bytes),
    judgePair: (openId, generation) => tiktok.grants.judge(openId, generation),
  };
  const oracle = createOracle(sight);
  const watched = createWatchedTable({
    scheduler,
    trace,
    oracle,
    onDue: (atMs) => functions.tickAt(atMs),
  });
  const storage = createSimStorage(weather.breaksStream);
  const tiktok = createSimTikTok(scheduler, weather.moods, {
    report,
    onBytes: oracle.onBytes,
    onPost: oracle.onPost,
    hook: (event, task, openId) => {
      for (const delayMs of weather.hookDelaysMs()) {
        const hook = { event, task, openId, createdAtMs: scheduler.nowMs(), isForged: false };
        scheduler.later(delayMs, () => functions.receiveHook(hook));
      }
    },
  });
  const portsOf = (process: Process): Ports => ({
    table: watched.table.reachedBy(process),
    storage: storage.store,
    ranges: storage.ranges,
    relayQueue: portOf(functions.relayQueue),
    checkQueue: portOf(functions.checkQueue),
    sealer,
    tiktok: tiktok.reachedBy(process),
    sendChunk: (request) => tiktok.sendChunk(process, request),
  });
  const start = createStart({
    ...{ scheduler, trace, weather, report, oracle, seed: options.seed },
    portsOf: (process) => options.plant?.(portsOf(process), process, world) ?? portsOf(process),
  });
  const functions = createFunctions(scheduler, {
    start,
    delivery: weather.delivery,
    firstDueMs: watched.table.firstDueMs,
  });
  const world: World = {
    ...{ scheduler, trace, violations, storage, tiktok, functions, start, publicationOf },
    table: watched.table,
    pause: (delayMs) => new Promise((resolve) => scheduler.later(delayMs, resolve)),
    async rest(limits) {
      const how = await scheduler.run(limits);
      if (how === "late" || how === "endless") report(`rest: it never comes (${how})`);
      if (violations.length > 0) return;
      const { relayQueue, checkQueue, deadQueue } = functions;
      const queues = [relayQueue, checkQueue, deadQueue];
      checkRest({ table: watched.table, storage, tiktok, queues, sight });
    },
  };
  return world;
}

/** What functions see of a queue. */
function portOf({ send, waiting }: Queue): Queue {
  return { send, waiting };
}

function createWatchedTable(given: {
  scheduler: Scheduler;
  trace: Trace;
  oracle: Oracle;
  onDue(dueAtMs: number): void;
}) {
  const keyByBytes = new Map<number, Key>();
  const table = createSimTable((process, before, after) => {
    if (after.sk.startsWith("PUBLICATION#")) {
      const { file, status, fence, task } = publicationIn(after);
      if (before === null) keyByBytes.set(file.bytes, { pk: after.pk, sk: after.sk });
      const at = `fence ${fence} at ${task?.confirmedBytes ?? "-"}`;
      given.trace.add(`${stamp(given.scheduler)} ${process.name} [${file.bytes}] ${status} ${at}`);
    }
    given.oracle.onWrite(process, before, after);
    if (after.dueAtMs !== undefined) given.onDue(after.dueAtMs);
  });
  return {
    table,
    publicationOf(bytes: number): Publication | null {
      const key = keyByBytes.get(bytes);
      const row = key === undefined ? null : table.get(key);
      return row === null ? null : publicationIn(row);
    },
  };
}

function createStart(given: {
  scheduler: Scheduler;
  trace: Trace;
  weather: Weather;
  oracle: Oracle;
  seed: number;
  report(violation: string): void;
  portsOf(process: Process): Ports;
}): Start {
  const { scheduler, trace, weather, oracle, report } = given;
  const random = createDiceRandom(createDice(given.seed ^ 0x5eed));
  const countByKind = new Map<ProcessKind, number>();
  const note = (process: Process, call: string, how: string) => {
    trace.add(`${stamp(scheduler)} ${process.name} ${call} ${how}`);
  };
  const depsOf = (process: Process): Deps => {
    const log: Log = {
      event(event, fields) {
        if (process.isDead()) return;
        oracle.onLog(event, fields);
        // Both go on after a failure, so a bug shows in their logs only.
        const isFailure = event === "poll.failed" || event === "turn.stuck";
        if (isFailure && fields.code !== "ServiceUnavailable") {
          report(`bug: ${event} with ${String(fields.code)}`);
        }
      },
    };
    const host = { ...weather, scheduler, note };
    const ports = faulty(given.portsOf(process), process, host);
    return { ...ports, clock: faultyClock(process, host), random, log, settings: { maxFileBytes } };
  };
  return (kind, work, onEnd) => {
    const number = (countByKind.get(kind) ?? 0) + 1;
    countByKind.set(kind, number);
    const name = `${kind}#${number}`;
    spawn(
      scheduler,
      { kind, name, timeoutMs: timeoutMs[kind], skewMs: weather.skewMs() },
      async (process) => {
        weather.onSpawn(process);
        await work(depsOf(process), process);
      },
      (end, error) => {
        trace.add(`${stamp(scheduler)} ${name} ${end} ${end === "failed" ? nameOf(error) : ""}`);
        if (end === "failed" && isBug(kind, error)) report(`bug: ${name} threw ${String(error)}`);
        onEnd(end, error);
      },
    );
  };
}

/** Workers meet injected failures only; handlers of requests also refuse. */
function isBug(kind: ProcessKind, error: unknown): boolean {
  const name = nameOf(error);
  if (name === "ServiceUnavailable") return false;
  return kind !== "api" || !["VisibleError", "LoginRefused"].includes(name);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

function stamp(scheduler: Scheduler): string {
  return `+${((scheduler.nowMs() - startMs) / 1000).toFixed(3)}`;
}
