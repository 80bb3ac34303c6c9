import { VisibleError } from "@clipcast/core/errors";
import { describe, expect, it } from "vitest";
import { explain, UnreachableError, UsageError } from "../src/errors.ts";
import { fields, harmless, table } from "../src/output/layout.ts";
import { createScreen } from "../src/output/screen.ts";
import { counted, duration, relative, size, timestamp } from "../src/output/time.ts";

describe("times", () => {
  it.each([
    [0, "0 s"],
    [1_400, "1 s"],
    [119_000, "119 s"],
    [120_000, "2 min"],
    [7_199_000, "120 min"],
    [7_200_000, "2 h"],
    [86_400_000, "24 h"],
    [3 * 86_400_000, "3 d"],
  ])("%i ms are %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, "0.0 kB"],
    [999_000, "999.0 kB"],
    [1_500_000, "1.5 MB"],
    [4_294_967_296, "4.29 GB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it("says how far a time is away", () => {
    expect(relative(1_000_000, 1_000_999)).toBe("now");
    expect(relative(1_000_000, 1_180_000)).toBe("3 min ago");
    expect(relative(1_040_000, 1_000_000)).toBe("in 40 s");
    expect([counted(1, "row"), counted(0, "row")]).toEqual(["1 row", "0 rows"]);
    expect(timestamp(1_800_000_000_123)).toBe("2027-01-15 08:00:00Z");
  });
});

describe("columns", () => {
  it("are as wide as their widest cell, and end where their text ends", () => {
    expect(
      table(
        ["ID", "STATUS"],
        [
          ["long-id", "ok"],
          ["x", "failed"],
        ],
      ),
    ).toEqual(["ID       STATUS", "long-id  ok", "x        failed"]);
    expect(
      fields([
        ["a", "1"],
        ["gone", null],
        ["long", "2"],
      ]),
    ).toEqual(["a     1", "long  2"]);
    expect(fields([])).toEqual([]);
  });

  it("let no creator write to an operator's terminal", () => {
    const name = "a\u001b[2Jb\u0007\u009b31m\u202egpj.mp4\n";
    expect(harmless(name)).toBe("a�[2Jb��31m�gpj.mp4�");
    expect(table(["X"], [[name]]).join()).not.toContain("\u001b");
    expect(fields([["x", name]]).join()).not.toContain("\u001b");
    expect(harmless("x".repeat(500))).toHaveLength(120);
  });
});

describe("the screen", () => {
  function open(options: { isTTY: boolean; isJson?: boolean; answer?: string | null }) {
    const written = { out: "", err: "" };
    const stream = (name: "out" | "err") => ({
      isTTY: options.isTTY,
      write(text: string) {
        written[name] += text;
      },
    });
    const screen = createScreen({
      isJson: options.isJson ?? false,
      hasColours: options.isTTY,
      out: stream("out"),
      err: stream("err"),
      ask: async () => options.answer ?? null,
    });
    return { screen, written };
  }

  it("keeps results and words beside them apart", () => {
    const { screen, written } = open({ isTTY: false });
    screen.print("result", "more");
    screen.note("note");
    screen.json({ a: 1 });
    expect(written).toEqual({ out: "result\nmore\n", err: "note\n" });
  });

  it("prints one JSON value where that was asked for, of an error too", () => {
    const { screen, written } = open({ isTTY: true, isJson: true });
    screen.print("words");
    screen.json({ a: 1 });
    expect(JSON.parse(written.out)).toEqual({ a: 1 });
    const other = open({ isTTY: true, isJson: true });
    other.screen.fail({ code: "not_found", message: "No." });
    expect(JSON.parse(other.written.out)).toEqual({ error: { code: "not_found", message: "No." } });
    expect(other.written.err).toBe("");
  });

  it("colours only for a terminal", () => {
    expect(open({ isTTY: false }).screen.paint("red", "x")).toBe("x");
    expect(open({ isTTY: true }).screen.paint("red", "x")).toBe("\u001b[31mx\u001b[39m");
  });

  it("replaces a line of progress in a terminal, and adds one elsewhere", () => {
    const terminal = open({ isTTY: true });
    terminal.screen.progress("1");
    terminal.screen.progress("2");
    terminal.screen.note("end");
    expect(terminal.written.err).toBe("\r\u001b[K1\r\u001b[K2\nend\n");
    const file = open({ isTTY: false });
    file.screen.progress("1");
    file.screen.print("end");
    expect(file.written).toEqual({ out: "end\n", err: "1\n" });
  });

  it.each([
    ["y", true],
    [" Yes ", true],
    ["n", false],
    ["", false],
    ["yesterday", false],
    [null, false],
  ])("takes %j for %s", async (answer, isSure) => {
    expect(await open({ isTTY: true, answer }).screen.confirm("Sure?")).toBe(isSure);
  });
});

describe("explain", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const named = (name: string) => Object.assign(new Error("because"), { name });
  it.each<[string, unknown, string, string]>([
    ["usage", new UsageError("Wrong."), "usage", "Wrong. Try --help."],
    ["a refusal", new VisibleError("conflict", "busy", "Busy."), "busy", "Busy."],
    [
      "a wait",
      new VisibleError("too-many", "rate_limited", "Slow.", { retryAfterMs: 1_200 }),
      "rate_limited",
      "Slow. Try again in 2 s.",
    ],
    ["no system", new UnreachableError("Start it."), "unreachable", "Start it."],
    [
      "a dead endpoint",
      new Error("fetch failed", { cause: refused }),
      "unreachable",
      "does not answer",
    ],
    ["old credentials", named("ExpiredTokenException"), "ExpiredTokenException", "does not accept"],
    ["missing rights", named("AccessDeniedException"), "AccessDeniedException", "does not allow"],
    ["a bug", new TypeError("x is undefined"), "TypeError", "--verbose shows where"],
    ["no error at all", "odd", "unknown", "odd"],
  ])("has words for %s", (_name, error, code, words) => {
    const told = explain(error, false);
    expect(told.code).toBe(code);
    expect(told.message).toContain(words);
    expect(told.message).not.toContain("    at ");
  });

  it("tells where a bug is when asked", () => {
    expect(explain(new TypeError("x"), true).message).toContain("    at ");
  });
});
