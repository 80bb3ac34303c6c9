/**
 * The command line. `node:util`'s parser is enough: a dozen commands, a handful of flags, and no dependency on a machine that an
 * operator may reach for in a hurry.
 */
import { parseArgs } from "node:util";
import { UsageError } from "./errors.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

const optionConfig = {
  stage: text,
  dir: text,
  json: flag,
  verbose: flag,
  help: { ...flag, short: "h" },
  all: flag,
  yes: flag,
  restart: flag,
} as const;

/** Flags that only some commands know. */
export type OwnFlag = "all" | "yes" | "restart";

export interface Options {
  stage: string | null;
  dir: string | null;
  json: boolean;
  verbose: boolean;
  help: boolean;
  all: boolean;
  yes: boolean;
  restart: boolean;
}

/** What the parser must know of a command. */
export interface Grammar {
  /** One word or two: `dead list`. */
  name: string;
  /** Names of what follows; one in brackets may be left out. */
  operands: string[];
  flags: OwnFlag[];
}

export interface Parsed<C extends Grammar> {
  /** Null when none was named. */
  command: C | null;
  operands: string[];
  options: Options;
}

export function parseCommand<C extends Grammar>(args: string[], commands: C[]): Parsed<C> {
  const { values, positionals } = parsed(args);
  const options = { ...values, stage: values.stage ?? null, dir: values.dir ?? null };
  if (options.stage !== null && options.dir !== null) {
    throw new UsageError("Name a stage or a folder of a local run, not both.");
  }
  if (positionals.length === 0) return { command: null, operands: [], options };
  const words = positionals.join(" ");
  const command = commands.find(({ name }) => words === name || words.startsWith(`${name} `));
  if (command === undefined) throw new UsageError(unknownCommand(words, commands));
  const operands = positionals.slice(command.name.split(" ").length);
  if (!options.help) checkUse(command, operands, options);
  return { command, operands, options };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: optionConfig, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkUse(command: Grammar, operands: string[], options: Options): void {
  const needed = command.operands.filter((operand) => !operand.startsWith("[")).length;
  const missing = command.operands[operands.length];
  if (operands.length < needed) throw new UsageError(`${command.name} needs ${missing}.`);
  const surplus = operands[command.operands.length];
  if (surplus !== undefined) throw new UsageError(`${command.name} does not take "${surplus}".`);
  for (const own of ["all", "yes", "restart"] as const) {
    if (options[own] && !command.flags.includes(own)) {
      throw new UsageError(`${command.name} does not know --${own}.`);
    }
  }
}

function unknownCommand(words: string, commands: Grammar[]): string {
  const [first = ""] = words.split(" ");
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0) {
    return `${first} what? There is ${family.map(({ name }) => `"${name}"`).join(" and ")}.`;
  }
  return `There is no command "${first}".`;
}
