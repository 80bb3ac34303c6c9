/** All commands, and what one is. */
import type { Grammar, Options, OwnFlag } from "../options.ts";
import type { Screen } from "../output/screen.ts";
import type { System } from "../system.ts";
import { check, requeue } from "./act.ts";
import { deadList, deadRedrive } from "./dead.ts";
import { disconnect } from "./disconnect.ts";
import { rotateKey } from "./rotate-key.ts";
import { status } from "./status.ts";
import { stuck } from "./stuck.ts";

export interface Call {
  system: System;
  operands: string[];
  options: Options;
  screen: Screen;
}

export interface Command extends Grammar {
  about: string;
  /** More than one line has to say. */
  details: string | null;
  flagTexts: Partial<Record<OwnFlag, string>>;
  /** Answers whether everything that was asked for is done. */
  run(call: Call): Promise<boolean>;
}

export const commands: Command[] = [
  status,
  stuck,
  deadList,
  deadRedrive,
  requeue,
  check,
  disconnect,
  rotateKey,
];
