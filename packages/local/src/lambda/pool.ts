/**
 * The execution environments of one function: which one serves an invocation, and for how long each
 * is kept.
 *
 * As Lambda does, it reuses an idle environment, starts a new one when all are busy, refuses what is
 * beyond the reserved concurrency, and lets idle ones go after a while. Without a reservation AWS
 * would scale to the account's thousand; one machine cannot, so that invocations beyond
 * `environmentCountMax` wait in a bounded line.
 */
import { randomUUID } from "node:crypto";
import { InvokeRefusedError, payloadBytesMax, requestTooLarge } from "./limits.ts";
import type { Environment, Result } from "./process.ts";
import { nodeTimer, type SetTimer } from "./timer.ts";

export type PoolOptions = {
  start(): Environment;
  reservedConcurrency: number | null;
  /** Takes Lambda's REPORT line after every invocation. */
  onReport(line: string): void;
  setTimer?: SetTimer;
};

export type PoolStats = {
  invocations: number;
  coldStarts: number;
  errors: number;
  timeouts: number;
  throttles: number;
  /** The largest resident set that any of the function's processes ever had. */
  peakRssBytes: number;
  /** Processes alive now. */
  running: number;
};

/** Processes of one function on one machine. */
export const environmentCountMax = 16;
/** Invocations waiting for one of them; Lambda would throttle long before. */
const queueLengthMax = 1000;
/** Lambda keeps an idle environment for some minutes and does not say how many. */
export const idleMs = 5 * 60_000;

export class Pool {
  readonly #options: PoolOptions;
  readonly #setTimer: SetTimer;
  readonly #environments = new Set<Environment>();
  readonly #idle: { environment: Environment; cancelReap: () => void }[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #counts = { invocations: 0, coldStarts: 0, errors: 0, timeouts: 0, throttles: 0 };
  #peakRssBytes = 0;
  #busy = 0;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#setTimer = options.setTimer ?? nodeTimer;
  }

  /** Rejects with InvokeRefusedError when the function never saw the event. */
  async invoke(payload: Buffer): Promise<Result> {
    if (payload.length > payloadBytesMax) throw requestTooLarge(payload.length);
    await this.#takeSlot();
    try {
      if (this.#isClosed) throw stopping();
      return await this.#run(payload);
    } finally {
      this.#releaseSlot();
    }
  }

  /** Ends every process at once and answers how many. Invocations in flight fail as on a crash. */
  kill(): number {
    for (const environment of this.#environments) environment.kill();
    return this.#environments.size;
  }

  stats(): PoolStats {
    const running = this.#environments.size;
    return { ...this.#counts, peakRssBytes: this.#peakRssBytes, running };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.kill();
    await Promise.all([...this.#environments].map((environment) => environment.exit));
  }

  async #takeSlot(): Promise<void> {
    if (this.#isClosed) throw stopping();
    const { reservedConcurrency } = this.#options;
    if (this.#busy < (reservedConcurrency ?? environmentCountMax)) {
      this.#busy += 1;
      return;
    }
    if (reservedConcurrency !== null || this.#waiting.length >= queueLengthMax) {
      this.#counts.throttles += 1;
      throw new InvokeRefusedError("TooManyRequestsException", "Rate Exceeded.");
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the slot to the first in line, or frees it. */
  #releaseSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  async #run(payload: Buffer): Promise<Result> {
    this.#counts.invocations += 1;
    const requestId = randomUUID();
    const environment = this.#takeIdle() ?? this.#startNew();
    const initError = await environment.ready;
    const result: Result =
      initError === null
        ? await environment.invoke(requestId, payload)
        : {
            functionError: "Unhandled",
            payload: Buffer.from(JSON.stringify(initError)),
            isTimeout: false,
            durationMs: 0,
          };
    this.#peakRssBytes = Math.max(this.#peakRssBytes, environment.peakRssBytes());
    if (result.functionError !== null) this.#counts.errors += 1;
    if (result.isTimeout) this.#counts.timeouts += 1;
    this.#options.onReport(report(requestId, result, environment.peakRssBytes()));
    if (environment.isUsable()) this.#keep(environment);
    return result;
  }

  #startNew(): Environment {
    const environment = this.#options.start();
    this.#counts.coldStarts += 1;
    this.#environments.add(environment);
    void environment.exit.then(() => this.#environments.delete(environment));
    return environment;
  }

  /** The most recently used first, so that surplus environments grow old and go. */
  #takeIdle(): Environment | undefined {
    while (this.#idle.length > 0) {
      const kept = this.#idle.pop();
      kept?.cancelReap();
      if (kept?.environment.isUsable()) return kept.environment;
    }
    return undefined;
  }

  #keep(environment: Environment): void {
    const cancelReap = this.#setTimer(() => environment.kill(), idleMs);
    this.#idle.push({ environment, cancelReap });
  }
}

/** The line that Lambda logs after each invocation. */
function report(requestId: string, result: Result, peakRssBytes: number): string {
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${result.durationMs.toFixed(2)} ms`,
    `Max Memory Used: ${Math.ceil(peakRssBytes / 1024 / 1024)} MB`,
  ];
  if (result.functionError !== null)
    fields.push(`Status: ${result.isTimeout ? "timeout" : "error"}`);
  return fields.join("\t");
}

function stopping(): InvokeRefusedError {
  return new InvokeRefusedError("ServiceException", "The host is stopping.");
}
