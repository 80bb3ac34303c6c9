/**
 * One invocation of a function: it has its own clock, it may be frozen, and it may die. After its death nothing of it
 * happens any more: its timers are dropped and its port calls never return.
 */
import type { Clock } from "../src/system/index.ts";
import type { Scheduler } from "./scheduler.ts";

export type ProcessKind = "api" | "relay" | "check" | "dead" | "poller" | "webhook";
export type ProcessEnd = "done" | "failed" | "died";

export interface Process {
  kind: ProcessKind;
  name: string;
  /** Port calls so far. */
  calls: number;
  /** What its clock shows too much; may change while it runs. */
  skewMs: number;
  clock: Clock;
  isDead(): boolean;
  kill(): void;
  /** Nothing of it runs for a while, as if its machine had been suspended. */
  freeze(durationMs: number): void;
  /** Total time that it was frozen. */
  frozenMs(): number;
  /** Waits in real, unskewed time. Never returns in a dead process. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Fences by publication under which it may write. */
  fenceById: Map<string, number>;
  /** Calls whose answers it never got. */
  lostAnswers: Set<string>;
}

export interface Spawn {
  kind: ProcessKind;
  name: string;
  timeoutMs: number;
  skewMs: number;
}

/** Starts `work`. `onEnd` is called once; an error comes with `failed`. */
export function spawn(
  scheduler: Scheduler,
  given: Spawn,
  work: (process: Process) => Promise<void>,
  onEnd: (end: ProcessEnd, error: unknown) => void,
): Process {
  let isOver = false;
  let isDead = false;
  let frozenUntilMs = 0;
  let frozenMs = 0;

  const end = (how: ProcessEnd, error: unknown) => {
    if (isOver) return;
    isOver = true;
    timeout.cancel();
    onEnd(how, error);
  };
  const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        if (isDead) return;
        const restMs = frozenUntilMs - scheduler.nowMs();
        if (restMs > 0) timer = scheduler.later(restMs, wake);
        else {
          signal?.removeEventListener("abort", cut);
          resolve();
        }
      };
      const cut = () => {
        timer.cancel();
        resolve();
      };
      let timer = scheduler.later(delayMs, wake);
      signal?.addEventListener("abort", cut, { once: true });
    });

  const process: Process = {
    kind: given.kind,
    name: given.name,
    calls: 0,
    skewMs: given.skewMs,
    fenceById: new Map(),
    lostAnswers: new Set(),
    isDead: () => isDead,
    frozenMs: () => frozenMs,
    sleep,
    clock: { nowMs: () => scheduler.nowMs() + process.skewMs, wait: sleep },
    kill() {
      isDead = true;
      end("died", null);
    },
    freeze(durationMs) {
      frozenMs += durationMs;
      frozenUntilMs = Math.max(frozenUntilMs, scheduler.nowMs() + durationMs);
    },
  };
  const timeout = scheduler.later(given.timeoutMs, process.kill);
  work(process).then(
    () => end("done", null),
    (error: unknown) => end("failed", error),
  );
  return process;
}

/** What a dead process waits for. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
