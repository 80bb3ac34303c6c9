/**
 * From words to an exit code: 0 done, 1 refused or failed, 2 wrong usage. Whatever goes wrong is told in one sentence that says
 * what to do; with `--verbose` also where it happened.
 */
import { type Command, commands } from "./commands/index.ts";
import { explain, UsageError } from "./errors.ts";
import { type Options, parseCommand } from "./options.ts";
import type { Screen } from "./output/screen.ts";
import { reachSystem } from "./target.ts";
import { usageOf, usageOfAll } from "./usage.ts";

export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

export async function runCli(
  args: string[],
  createScreen: (options: { isJson: boolean }) => Screen,
): Promise<number> {
  // Known before the arguments are understood, so that a wrong one is told in the form that was asked for.
  const screen = createScreen({ isJson: args.includes("--json") });
  let isVerbose = args.includes("--verbose");
  try {
    const { command, operands, options } = parseCommand(args, commands);
    isVerbose = options.verbose;
    if (command === null || options.help) {
      screen.print(command === null ? usageOfAll(commands) : usageOf(command));
      return options.help || args.length === 0 ? exitCodes.done : exitCodes.usage;
    }
    return await runCommand(command, { operands, options, args, screen });
  } catch (error) {
    const told = explain(error, isVerbose);
    screen.fail(told);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function runCommand(
  command: Command,
  given: { operands: string[]; options: Options; args: string[]; screen: Screen },
): Promise<number> {
  const { options, screen, operands } = given;
  const reached = await reachSystem({ stage: options.stage, dir: options.dir, args: given.args });
  if (reached.type === "elsewhere") return reached.exitCode;
  // Only now: the links and the SDK are read from the environment as these modules are loaded.
  const { openSystem } = await import("./system.ts");
  const system = openSystem((line) => options.verbose && screen.note(line));
  if (options.stage !== null && system.stage !== options.stage) {
    throw new UsageError(`This environment is of stage ${system.stage}, not of ${options.stage}.`);
  }
  try {
    return (await command.run({ system, operands, options, screen }))
      ? exitCodes.done
      : exitCodes.failed;
  } finally {
    system.close();
  }
}
