/**
 * Child processes that a benchmark talks to: one JSON message in, one out. A server answers where it listens and lives
 * until it is stopped; a contender answers its figures and ends.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

/** Longer than the slowest contender needs for the largest file; a child that says nothing is stuck. */
const answerMsMax = 30 * 60_000;

const reply = z.union([
  z.object({ type: z.literal("answer"), answer: z.unknown() }),
  z.object({ type: z.literal("failure"), message: z.string() }),
]);

export interface Child<Answer> {
  answer: Answer;
  /** Ends the process and resolves when it is gone. */
  stop(): Promise<void>;
}

export async function startChild<Answer>(options: {
  path: string;
  input: unknown;
  answer: z.ZodType<Answer>;
  /** Added to the environment. */
  variables?: Record<string, string>;
}): Promise<Child<Answer>> {
  const child = fork(options.path, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...options.variables },
  });
  const stop = () => stopChild(child);
  try {
    const ended = new AbortController();
    child.once("exit", () => ended.abort());
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(answerMsMax)]);
    const message = once(child, "message", { signal });
    child.send({ input: options.input });
    const said = reply.parse((await message)[0]);
    if (said.type === "failure") throw new Error(said.message);
    return { answer: options.answer.parse(said.answer), stop };
  } catch (error) {
    const code = child.exitCode;
    await stop();
    throw new Error(
      `${options.path.split("/").at(-1)} failed${code === null ? "" : ` (${code})`}`,
      {
        cause: error,
      },
    );
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  await gone;
}

/** The child's side: takes the message, answers it, and never outlives its parent. */
export async function serveParent<Input>(
  input: z.ZodType<Input>,
  serve: (input: Input) => Promise<unknown>,
): Promise<void> {
  process.once("disconnect", () => process.exit());
  try {
    const [message] = await once(process, "message");
    const given = z.object({ input }).parse(message);
    process.send?.({ type: "answer", answer: await serve(given.input) });
  } catch (error) {
    process.send?.({
      type: "failure",
      message: String(error instanceof Error ? error.stack : error),
    });
  }
}
