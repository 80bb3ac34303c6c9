/**
 * A local system that comes back: a host in a child process, started again on the same folder and ports after each death.
 * Whoever asks it for something meanwhile waits, or is told that it died.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chooseLastingPorts } from "./ports.ts";
import {
  type Counts,
  countsSchema,
  type HostOptions,
  type Note,
  noteSchema,
  type Order,
  type Started,
  type TrialKnobs,
} from "./wire.ts";

export interface System {
  /** Where it is; after each start some of it is new. */
  place(): Started;
  /** SIGKILL to all processes of a function soon after its next sign of life. Answers how many there were. */
  kill(functionName: string, aimMs: number): Promise<number>;
  /** SIGKILL to the host itself, soon after the relay's next sign of life. Resolves when it is up again. */
  killHost(aimMs: number): Promise<void>;
  /** False when the function failed or the host died meanwhile. */
  invoke(functionName: string): Promise<boolean>;
  /** What its functions have done since the host last started. */
  counts(): Promise<Counts>;
  stop(): Promise<void>;
}

/** The first start builds the functions and perhaps the page. */
const startMsMax = 150_000;
const stopMsMax = 5_000;
const problemsKept = 40;

const script = fileURLToPath(new URL("./host-process.ts", import.meta.url));

interface Host {
  child: ChildProcess;
  started: Started;
  ask(order: Omit<Order, "id">): Promise<unknown>;
  gone: Promise<void>;
}

export async function startSystem(options: {
  dir: string;
  knobs: TrialKnobs;
  recordDir: string | null;
}): Promise<System> {
  if (options.recordDir !== null) mkdirSync(options.recordDir, { recursive: true });
  const ports = await chooseLastingPorts();
  let starting = startHost({ ...options, ...ports });
  let host = await starting;
  const order = { functionName: "", aimMs: 0 };
  return {
    place: () => host.started,
    async kill(functionName, aimMs) {
      const current = await starting;
      return Number(await current.ask({ call: "kill", functionName, aimMs }));
    },
    async killHost(aimMs) {
      const dying = await starting;
      await dying.ask({ call: "await-life", functionName: "Relay", aimMs });
      dying.child.kill("SIGKILL");
      await dying.gone;
      starting = startHost({ ...options, ...ports });
      host = await starting;
    },
    async invoke(functionName) {
      const current = await starting;
      return current.ask({ ...order, call: "invoke", functionName }).then(Boolean, () => false);
    },
    async counts() {
      const current = await starting;
      return countsSchema.parse(await current.ask({ ...order, call: "counts" }));
    },
    async stop() {
      const current = await starting.catch(() => host);
      const timer = setTimeout(() => current.child.kill("SIGKILL"), stopMsMax);
      await current.ask({ ...order, call: "stop" }).catch(() => undefined);
      if (current.child.connected) current.child.disconnect();
      await current.gone;
      clearTimeout(timer);
    },
  };
}

async function startHost(options: HostOptions): Promise<Host> {
  // A file and no pipe: what a dying host prints last is kept.
  const { recordDir } = options;
  const output = openSync(recordDir === null ? devNull : join(recordDir, "host.log"), "a");
  const child = fork(script, [JSON.stringify(options)], {
    stdio: ["ignore", output, recordDir === null ? "pipe" : output, "ipc"],
  });
  closeSync(output);
  const problems: string[] = [];
  const remember = (line: string) => {
    problems.push(line);
    if (problems.length > problemsKept) problems.shift();
  };
  child.stderr?.on("data", (chunk: Buffer) => remember(chunk.toString("utf8").trimEnd()));
  const gone = once(child, "exit").then(() => undefined);
  const { ask, hear, abandon } = createDesk(child);
  void gone.then(abandon);

  const up = Promise.withResolvers<Started>();
  child.on("message", (message) => {
    const note = noteSchema.parse(message);
    if (note.type === "started") up.resolve(note);
    else if (note.type === "problem") remember(note.message);
    else hear(note);
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), startMsMax);
  void gone.then(() => up.reject(new Error(`the host did not start:\n${problems.join("\n")}`)));
  try {
    return { child, started: await up.promise, ask, gone };
  } finally {
    clearTimeout(timer);
  }
}

/** Orders that wait for their answer; all of them fail when the host dies. */
function createDesk(child: ChildProcess) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let isGone = false;
  return {
    ask(order: Omit<Order, "id">): Promise<unknown> {
      if (isGone || !child.connected) return Promise.reject(new Error("the host is gone"));
      lastId += 1;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(lastId, answer);
      child.send({ ...order, id: lastId }, () => undefined);
      return answer.promise;
    },
    hear(note: Extract<Note, { id: number }>): void {
      const answer = waiting.get(note.id);
      waiting.delete(note.id);
      if (note.type === "done") answer?.resolve(note.value);
      else answer?.reject(new Error(note.message));
    },
    abandon(): void {
      isGone = true;
      for (const answer of waiting.values()) answer.reject(new Error("the host is gone"));
      waiting.clear();
    },
  };
}
