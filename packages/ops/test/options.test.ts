import { describe, expect, it } from "vitest";
import { commands } from "../src/commands/index.ts";
import { UsageError } from "../src/errors.ts";
import { parseCommand } from "../src/options.ts";
import { usageOf, usageOfAll } from "../src/usage.ts";

const parse = (...args: string[]) => parseCommand(args, commands);

describe("parseCommand", () => {
  it.each([
    [["status", "ID"], "status", ["ID"]],
    [["stuck", "--stage", "production"], "stuck", []],
    [["dead", "list"], "dead list", []],
    [["dead", "redrive", "ID", "--json"], "dead redrive", ["ID"]],
    [["--json", "dead", "redrive", "--all"], "dead redrive", []],
    [["disconnect", "--yes", "USER"], "disconnect", ["USER"]],
    [["rotate-key", "--restart"], "rotate-key", []],
  ])("understands %j", (args, name, operands) => {
    const { command, ...rest } = parse(...args);
    expect([command?.name, rest.operands]).toEqual([name, operands]);
  });

  it("takes no command for a question about all of them", () => {
    expect(parse()).toMatchObject({ command: null });
    expect(parse("-h").options.help).toBe(true);
    expect(parse("status", "--help").command?.name).toBe("status");
  });

  it.each([
    [["status"], "status needs ID."],
    [["status", "one", "two"], 'status does not take "two".'],
    [["stuck", "--all"], "stuck does not know --all."],
    [["status", "ID", "--yes"], "status does not know --yes."],
    [["rotate-key", "--all"], "rotate-key does not know --all."],
    [["list"], 'There is no command "list".'],
    [["dead"], 'dead what? There is "dead list" and "dead redrive".'],
    [["dead", "letters"], "dead what?"],
    [["stuck", "--colour"], "Unknown option '--colour'"],
    [["stuck", "--stage", "x", "--dir", "y"], "not both"],
  ])("refuses %j, and says why", (args, why) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(why);
  });
});

describe("usage", () => {
  it("names every command, its operands and its own flags", () => {
    const all = usageOfAll(commands);
    for (const { name, about } of commands) {
      expect(all).toContain(`  ${name}`);
      expect(all).toContain(about);
    }
    expect(all).toContain("dead redrive [ID] [--all]");
  });

  it.each(commands)("explains each flag that $name knows, and no other", (command) => {
    expect(Object.keys(command.flagTexts)).toEqual(command.flags);
    const text = usageOf(command);
    for (const flag of command.flags) expect(text).toContain(`--${flag} `);
    expect(text).toContain("--stage NAME");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
