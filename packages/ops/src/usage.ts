/** What `--help` says. */
import type { Command } from "./commands/index.ts";

const program = "npx pnpm@12 ops";

const lineWidth = 88;

const commonFlags: [string, string][] = [
  ["--stage NAME", "a deployed stage, through `sst shell`; without it the local run"],
  ["--dir PATH", "the local run whose state is there (default .local)"],
  ["--json", "one JSON value, for programs"],
  ["--verbose", "what happens on the way, and where an error comes from"],
  ["--help", "this text; after a command, that command's"],
];

export function usageOfAll(commands: Command[]): string {
  const lines = commands.map((command): [string, string] => [callOf(command), command.about]);
  return [
    `Usage: ${program} COMMAND [options]`,
    "",
    ...columns(lines),
    "",
    ...columns(commonFlags),
    "",
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage. docs/operations.md tells more.",
  ].join("\n");
}

export function usageOf(command: Command): string {
  const own = Object.entries(command.flagTexts).map(([name, about]): [string, string] => [
    `--${name}`,
    about,
  ]);
  return [
    `Usage: ${program} ${callOf(command)} [options]`,
    "",
    sentence(command.about),
    ...(command.details === null ? [] : ["", ...wrapped(command.details)]),
    "",
    ...columns([...own, ...commonFlags]),
  ].join("\n");
}

function callOf({ name, operands, flags }: Command): string {
  return [name, ...operands, ...flags.map((flag) => `[--${flag}]`)].join(" ");
}

function sentence(about: string): string {
  return `${about.charAt(0).toUpperCase()}${about.slice(1)}.`;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= lineWidth) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function columns(lines: [string, string][]): string[] {
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
