/**
 * Ports that fail. Each call of a process asks `decide` how it shall go: it passes, fails before or after its effect,
 * or takes the whole process down before or after it. Failures look as the real adapters make them look.
 */
import { RetryableError } from "../src/errors/index.ts";
import type { RangeReader, StorageStore } from "../src/storage/index.ts";
import type { Clock, Queue, Sealer } from "../src/system/index.ts";
import type { TableStore } from "../src/table/index.ts";
import type { ChunkRequest, SendChunk, TikTokApi } from "../src/tiktok/index.ts";
import { never, type Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Ports {
  table: TableStore;
  storage: StorageStore;
  ranges: RangeReader;
  relayQueue: Queue;
  checkQueue: Queue;
  sealer: Sealer;
  tiktok: TikTokApi;
  sendChunk: SendChunk;
}

export const faults = ["throw-before", "throw-after", "die-before", "die-after"] as const;
export type Fault = (typeof faults)[number];

export interface Treatment {
  fault: Fault | null;
  /** Time that the process itself spends on sending; cut short by its death. */
  sendMs: number;
  /** Time on the wire, on which the request goes even when its sender is dead. */
  wireMs: number;
  /** Time until the answer is there. */
  answerMs: number;
  /** How long the process is suspended before the answer reaches it. */
  freezeMs: number;
}

export type Decide = (process: Process, call: string) => Treatment;

export const plain: Treatment = { fault: null, sendMs: 0, wireMs: 0, answerMs: 0, freezeMs: 0 };

export function faulty(ports: Ports, process: Process, host: FaultHost): Ports {
  const port = <T extends object>(name: string, given: T): T =>
    wrapPort(name, given, process, host);
  const tiktok = port("tiktok", ports.tiktok);
  return {
    table: port("table", ports.table),
    storage: port("storage", ports.storage),
    ranges: port("ranges", ports.ranges),
    relayQueue: port("relayQueue", ports.relayQueue),
    checkQueue: port("checkQueue", ports.checkQueue),
    sealer: port("sealer", ports.sealer),
    // It builds a text; no call is made.
    tiktok: { ...tiktok, authorizeUrl: ports.tiktok.authorizeUrl },
    sendChunk: (request) => sendChunk(ports.sendChunk, request, process, host),
  };
}

/** Time cannot fail, but a process can die while it waits. */
export function faultyClock(process: Process, host: FaultHost): Clock {
  return {
    nowMs: process.clock.nowMs,
    async wait(delayMs, signal) {
      const treatment = begin("clock.wait", process, host);
      if (treatment === null) return never();
      await process.sleep(delayMs, signal);
      if (treatment.fault === "die-after") process.kill();
      if (process.isDead()) return never();
    },
  };
}

export interface FaultHost {
  scheduler: Scheduler;
  decide: Decide;
  /** Told about each call once it has had its effect, or failed without one. */
  note(process: Process, call: string, how: string): void;
}

type Call = (...input: unknown[]) => Promise<unknown>;

function wrapPort<T extends object>(name: string, port: T, process: Process, host: FaultHost): T {
  const wrapped: Record<string, Call> = {};
  for (const [method, call] of Object.entries(port)) {
    wrapped[method] = (...input) => run(`${name}.${method}`, () => call(...input), process, host);
  }
  return wrapped as T;
}

async function run(
  call: string,
  effect: () => Promise<unknown>,
  process: Process,
  host: FaultHost,
): Promise<unknown> {
  const treatment = begin(call, process, host);
  if (treatment === null) return never();
  if (treatment.sendMs > 0) await process.sleep(treatment.sendMs);
  if (treatment.fault === "throw-before") {
    await answer(treatment, process);
    throw failure(call);
  }
  if (treatment.wireMs > 0) await wire(host.scheduler, treatment.wireMs);
  let result: unknown;
  let refusal: { error: unknown } | null = null;
  try {
    result = await effect();
  } catch (error) {
    refusal = { error };
  }
  host.note(process, call, refusal === null ? (treatment.fault ?? "ok") : named(refusal.error));
  if (treatment.fault === "die-after") {
    process.kill();
    return never();
  }
  await answer(treatment, process);
  if (process.isDead()) return never();
  if (treatment.fault === "throw-after") {
    process.lostAnswers.add(call);
    throw failure(call);
  }
  if (refusal !== null) throw refusal.error;
  return result;
}

/** Null when the process is dead by now. */
function begin(call: string, process: Process, host: FaultHost): Treatment | null {
  if (process.isDead()) return null;
  process.calls += 1;
  const treatment = host.decide(process, call);
  if (treatment.fault !== null) host.note(process, call, `fault ${treatment.fault}`);
  if (treatment.fault === "die-before") {
    process.kill();
    return null;
  }
  return treatment;
}

async function answer(treatment: Treatment, process: Process): Promise<void> {
  if (treatment.freezeMs > 0) process.freeze(treatment.freezeMs);
  if (treatment.answerMs > 0 || treatment.freezeMs > 0) await process.sleep(treatment.answerMs);
}

/** A connection on which nothing comes for this long is reset. */
const silenceMaxMs = 60_000;

/** A PUT fails as an outcome, not as an error; and its sender can break it off. */
async function sendChunk(
  send: SendChunk,
  request: ChunkRequest,
  process: Process,
  host: FaultHost,
): ReturnType<SendChunk> {
  const call = "sendChunk";
  const treatment = begin(call, process, host);
  if (treatment === null) return never();
  const frozenMs = process.frozenMs();
  if (treatment.sendMs > 0) await process.sleep(treatment.sendMs, request.signal);
  if (process.isDead()) return never();
  const isReset = process.frozenMs() - frozenMs >= silenceMaxMs;
  // Broken off in the middle of its body: to TikTok that is nothing.
  if (request.signal.aborted || isReset) return { type: "unknown", reason: "WIRE_STOPPED" };
  if (treatment.fault === "throw-before") return { type: "unknown", reason: "503" };
  if (treatment.wireMs > 0) await wire(host.scheduler, treatment.wireMs);
  const outcome = await send(request);
  host.note(process, call, `${request.firstByte} ${outcome.type}`);
  if (treatment.fault === "die-after") {
    process.kill();
    return never();
  }
  if (treatment.freezeMs > 0) process.freeze(treatment.freezeMs);
  await process.sleep(treatment.answerMs, request.signal);
  if (process.isDead()) return never();
  if (request.signal.aborted) return { type: "unknown", reason: "WIRE_STOPPED" };
  return treatment.fault === "throw-after" ? { type: "unknown", reason: "WIRE_CLOSED" } : outcome;
}

function wire(scheduler: Scheduler, delayMs: number): Promise<void> {
  return new Promise((resolve) => scheduler.later(delayMs, resolve));
}

/** TikTok and ranges fail as their adapters say; the AWS clients throw errors of their own. */
function failure(call: string): Error {
  if (call.startsWith("tiktok.")) {
    return new RetryableError("tiktok_unreachable", "TikTok could not be reached.", {
      retryAfterMs: 2_000,
    });
  }
  if (call.startsWith("ranges.")) {
    return new RetryableError("storage_unreachable", "Storage could not be reached.", {
      retryAfterMs: 1_000,
    });
  }
  const error = new Error(`injected: ${call}`);
  error.name = "ServiceUnavailable";
  return error;
}

function named(error: unknown): string {
  if (!(error instanceof Error)) return "refused";
  return "code" in error ? String(error.code) : error.name;
}
