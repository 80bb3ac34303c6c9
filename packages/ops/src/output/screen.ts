/**
 * Where words go: results to stdout, everything else to stderr, so that a result can be piped.
 */
import { styleText } from "node:util";
import type { Told } from "../errors.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

export interface Screen {
  isJson: boolean;
  /** Words for people; nothing under `--json`. */
  print(...lines: string[]): void;
  /** The one JSON value of a command; nothing without `--json`. */
  json(value: unknown): void;
  /** Beside the result. */
  note(line: string): void;
  /** A line that the next one replaces, where that is possible. */
  progress(line: string): void;
  fail(told: Told): void;
  paint(style: Style, text: string): string;
  /** False when the answer is no, or when there is nobody to ask. */
  confirm(question: string): Promise<boolean>;
}

export interface Stream {
  isTTY?: boolean;
  write(text: string): unknown;
}

export function createScreen(options: {
  isJson: boolean;
  hasColours: boolean;
  out: Stream;
  err: Stream;
  ask(question: string): Promise<string | null>;
}): Screen {
  const { isJson, hasColours, out, err } = options;
  let isInProgress = false;
  const note = (line: string) => {
    err.write(isInProgress ? `\n${line}\n` : `${line}\n`);
    isInProgress = false;
  };
  return {
    isJson,
    note,
    print(...lines) {
      if (isInProgress) err.write("\n");
      isInProgress = false;
      if (!isJson) out.write(`${lines.join("\n")}\n`);
    },
    json(value) {
      if (isJson) out.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    progress(line) {
      if (err.isTTY === true) err.write(`\r\u001b[K${line}`);
      else err.write(`${line}\n`);
      isInProgress = err.isTTY === true;
    },
    fail(told) {
      if (isJson) out.write(`${JSON.stringify({ error: told }, null, 2)}\n`);
      else note(told.message);
    },
    paint: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    async confirm(question) {
      const answer = await options.ask(`${question} [y/N] `);
      return answer !== null && /^y(es)?$/i.test(answer.trim());
    },
  };
}
