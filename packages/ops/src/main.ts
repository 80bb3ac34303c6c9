/** `node packages/ops/src/main.ts`: the operator's command. Only the process itself is here: arguments, streams, exit code. */
import { createInterface } from "node:readline/promises";
import { runCli } from "./cli.ts";
import { createScreen } from "./output/screen.ts";
import { innerArguments } from "./target.ts";

/** Only where somebody looks. */
const hasColours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

process.exitCode = await runCli(innerArguments(process.env) ?? process.argv.slice(2), (options) =>
  createScreen({ ...options, hasColours, out: process.stdout, err: process.stderr, ask }),
);

/** Null when there is nobody to ask. */
async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
