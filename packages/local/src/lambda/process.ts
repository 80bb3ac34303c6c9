/**
 * One execution environment: a child process running one function, one invocation at a time.
 *
 * Promises Lambda's rules for it: nothing of the host's environment but what it is given, SIGKILL
 * when the timeout passes or the resident set outgrows the memory, and an answer for every
 * invocation however the process ends. Which environment serves which invocation is for the pool.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type ErrorBody, type Exit, exited, initTimeoutMs, timedOut } from "./limits.ts";
import { forEachLine } from "./lines.ts";
import { memoryPollMs, readPeakRssBytes } from "./memory.ts";
import type { Answer, Channel, RuntimeApi } from "./runtime-api.ts";

export type EnvironmentSpec = {
  functionArn: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** The compiled bootstrap that the process starts with. */
  bootstrapPath: string;
  taskRoot: string;
  /** The process's whole environment; only the address of the Runtime API is added. */
  variables: Record<string, string>;
  onLine(line: string): void;
};

export type Result = {
  /** Lambda's FunctionError; null when the handler returned. */
  functionError: "Unhandled" | null;
  payload: Buffer;
  isTimeout: boolean;
  durationMs: number;
};

type Current = {
  requestId: string;
  startedMs: number;
  answer: Answer | null;
  resolve: (result: Result) => void;
};

export class Environment {
  /** Settles when init is over: null, or what init failed with. */
  readonly ready: Promise<ErrorBody | null>;
  readonly exit: Promise<Exit>;
  readonly #spec: EnvironmentSpec;
  readonly #channel: Channel;
  readonly #child: ChildProcess;
  #current: Current | null = null;
  #initError: ErrorBody | null = null;
  #isTimeout = false;
  #isDoomed = false;
  #peakRssBytes = 0;

  constructor(api: RuntimeApi, spec: EnvironmentSpec) {
    this.#spec = spec;
    const isReady = Promise.withResolvers<null>();
    this.#channel = api.open({
      onNext: () => {
        isReady.resolve(null);
        // Only now: an answered invocation whose process is still busy is not over.
        if (this.#current?.answer) this.#finish(this.#current.answer);
      },
      onAnswer: (requestId, answer) => {
        if (this.#current?.requestId === requestId) this.#current.answer ??= answer;
      },
      onInitError: (payload) => {
        this.#initError = JSON.parse(payload.toString("utf8")) as ErrorBody;
      },
    });
    const child = spawn(process.execPath, ["--enable-source-maps", spec.bootstrapPath], {
      cwd: spec.taskRoot,
      env: { ...spec.variables, AWS_LAMBDA_RUNTIME_API: this.#channel.address },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child = child;
    forEachLine(child.stdout, spec.onLine);
    forEachLine(child.stderr, spec.onLine);
    // The pipe only tells the child that we live; that it breaks when the child dies is expected.
    child.stdin.on("error", () => undefined);
    this.exit = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", (error) => {
        spec.onLine(`the process cannot be started: ${error.message}`);
        resolve({ code: null, signal: null });
      });
    });
    this.ready = Promise.race([isReady.promise, this.#exitDuringInit()]);
    const initTimer = setTimeout(() => this.kill(), initTimeoutMs + spec.timeoutSeconds * 1000);
    void this.ready.then(() => clearTimeout(initTimer));
    void this.exit.then((exit) => this.#onExit(exit));
  }

  /** Resolves when the answer is there and the process can take the next one, or is gone. */
  async invoke(requestId: string, payload: Buffer): Promise<Result> {
    const timeoutMs = this.#spec.timeoutSeconds * 1000;
    const timer = setTimeout(() => {
      this.#isTimeout = true;
      this.kill();
    }, timeoutMs);
    const poll = setInterval(() => this.#measure(), memoryPollMs);
    const result = await new Promise<Result>((resolve) => {
      this.#current = { requestId, startedMs: performance.now(), answer: null, resolve };
      if (!this.isUsable()) return this.#fail(exited(requestId, { code: 0, signal: null }));
      const { functionArn } = this.#spec;
      this.#channel.deliver({
        requestId,
        payload,
        functionArn,
        deadlineMs: Date.now() + timeoutMs,
      });
    });
    clearTimeout(timer);
    clearInterval(poll);
    this.#measure();
    return result;
  }

  /** False from the moment its end is certain, even before the process is gone. */
  isUsable(): boolean {
    return !this.#isDoomed;
  }

  peakRssBytes(): number {
    return this.#peakRssBytes;
  }

  kill(): void {
    this.#isDoomed = true;
    this.#child.kill("SIGKILL");
  }

  async #exitDuringInit(): Promise<ErrorBody> {
    const exit = await this.exit;
    return this.#initError ?? exited("init", exit);
  }

  #onExit(exit: Exit): void {
    this.#isDoomed = true;
    this.#channel.close();
    if (this.#current === null) return;
    const { answer, requestId } = this.#current;
    if (answer !== null) this.#finish(answer);
    else if (this.#isTimeout) this.#fail(timedOut(requestId, this.#spec.timeoutSeconds));
    else this.#fail(exited(requestId, exit));
  }

  #fail(error: ErrorBody): void {
    this.#finish({ type: "error", payload: Buffer.from(JSON.stringify(error)) });
  }

  #finish(answer: Answer): void {
    if (this.#current === null) return;
    const { resolve, startedMs } = this.#current;
    this.#current = null;
    resolve({
      functionError: answer.type === "error" ? "Unhandled" : null,
      payload: answer.payload,
      isTimeout: this.#isTimeout,
      durationMs: performance.now() - startedMs,
    });
  }

  #measure(): void {
    const peak = readPeakRssBytes(this.#child.pid ?? 0);
    if (typeof peak === "number") this.#judge(peak);
    else void peak.then((bytes) => this.#judge(bytes));
  }

  #judge(rssBytes: number): void {
    this.#peakRssBytes = Math.max(this.#peakRssBytes, rssBytes);
    const limitMb = this.#spec.memoryMb;
    if (this.#peakRssBytes <= limitMb * 1024 * 1024 || this.#isDoomed) return;
    const usedMb = Math.ceil(this.#peakRssBytes / 1024 / 1024);
    this.#spec.onLine(`killed: ${usedMb} MB used, the function has ${limitMb} MB`);
    this.kill();
  }
}
