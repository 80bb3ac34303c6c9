/**
 * A local system that comes back: a host in a child process, started again on the same folder and ports after each death.
 * Whoever asks it for something meanwhile waits, or is told that it died.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type HostOptions, type Note, noteSchema, type Order, type Started } from "./wire.ts";

export interface System {
  /** Where it is; after each start some of it is new. */
  place(): Started;
  /** SIGKILL to all processes of a function soon after its next sign of life. Answers how many there were. */
  kill(functionName: string, aimMs: number): Promise<number>;
  /** SIGKILL to the host itself. Resolves when it is up again. */
  killHost(): Promise<void>;
  /** False when the function failed or the host died meanwhile. */
  invoke(functionName: string): Promise<boolean>;
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
  ask(order: Omit<Order, "id">): Promise<number>;
  gone: Promise<void>;
}

export async function startSystem(dir: string): Promise<System> {
  let starting = startHost({ dir, port: 0, sandboxPort: 0, s3Port: 0 });
  let host = await starting;
  const { url, sandboxUrl, s3Url } = host.started;
  const ports = {
    port: portOf(url),
    sandboxPort: portOf(sandboxUrl),
    s3Port: portOf(s3Url),
  };
  const order = { functionName: "", aimMs: 0 };
  return {
    place: () => host.started,
    async kill(functionName, aimMs) {
      const current = await starting;
      return current.ask({ call: "kill", functionName, aimMs });
    },
    async killHost() {
      const dying = await starting;
      dying.child.kill("SIGKILL");
      await dying.gone;
      starting = startHost({ dir, ...ports });
      host = await starting;
    },
    async invoke(functionName) {
      const current = await starting;
      const failures = await current.ask({ ...order, call: "invoke", functionName }).catch(() => 1);
      return failures === 0;
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
  const child = fork(script, [JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
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
  const waiting = new Map<number, PromiseWithResolvers<number>>();
  let lastId = 0;
  let isGone = false;
  return {
    ask(order: Omit<Order, "id">): Promise<number> {
      if (isGone || !child.connected) return Promise.reject(new Error("the host is gone"));
      lastId += 1;
      const answer = Promise.withResolvers<number>();
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

function portOf(url: string): number {
  return Number(new URL(url).port);
}
