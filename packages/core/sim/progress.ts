/** How far a run has come: one line that is written over on a terminal, and now and then a line in a log. */
import type { WriteStream } from "node:tty";
import type { Tally } from "./fleet.ts";

export interface Progress {
  show(tally: Pick<Tally, "seeds" | "failed">): void;
  /** Makes way for other output. */
  clear(): void;
}

type Terminal = Pick<WriteStream, "write"> & { isTTY?: boolean };

const terminalEveryMs = 200;
const logEveryMs = 15_000;

export function createProgress(out: Terminal, runs: number): Progress {
  const isTerminal = out.isTTY === true;
  const everyMs = isTerminal ? terminalEveryMs : logEveryMs;
  const beganMs = performance.now();
  let shownMs = beganMs;
  return {
    show({ seeds, failed }) {
      const nowMs = performance.now();
      if (nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      const perSecond = Math.round((seeds * 1000) / (nowMs - beganMs));
      const line = `${seeds} of ${runs} seeds, ${failed} failed, ${perSecond} a second`;
      out.write(isTerminal ? `\r\x1b[2K${line}` : `${line}\n`);
    },
    clear() {
      if (isTerminal) out.write("\r\x1b[2K");
    },
  };
}
