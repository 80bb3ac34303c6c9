/** A progress bar: redrawn in place on a terminal, a line at each tenth elsewhere. */
import { styleText } from "node:util";

const widthCells = 32;
const redrawMs = 80;

export interface Bar {
  update(bytes: number): void;
  end(note?: string): void;
}

export function startBar(options: {
  label: string;
  totalBytes: number;
  write(text: string): void;
  isTerminal: boolean;
}): Bar {
  const { totalBytes, write, isTerminal } = options;
  const label = options.label.padEnd(12);
  const startedMs = performance.now();
  let drawnMs = Number.NEGATIVE_INFINITY;
  let drawnTenth = -1;
  let current = 0;

  const line = () => {
    const share = totalBytes === 0 ? 1 : Math.min(1, current / totalBytes);
    const filled = Math.round(share * widthCells);
    const cells = `${styleText("cyan", "█".repeat(filled))}${styleText("dim", "░".repeat(widthCells - filled))}`;
    const seconds = (performance.now() - startedMs) / 1000;
    const rate = seconds > 0.2 ? `${(current / 1e6 / seconds).toFixed(0)} MB/s` : "";
    return `  ${label} ${cells} ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(current)} of ${megabytes(totalBytes)}  ${rate}`;
  };
  const draw = (isForced: boolean) => {
    const nowMs = performance.now();
    const tenth = Math.floor((10 * current) / Math.max(1, totalBytes));
    if (isTerminal && (isForced || nowMs - drawnMs >= redrawMs)) write(`\r${line()}\u001b[K`);
    else if (!isTerminal && tenth > drawnTenth) write(`${line()}\n`);
    else return;
    drawnMs = nowMs;
    drawnTenth = tenth;
  };

  return {
    update(bytes) {
      current = Math.max(current, bytes);
      draw(false);
    },
    end(note) {
      if (isTerminal) write(`\r${line()}${note === undefined ? "" : `  ${note}`}\u001b[K\n`);
      else if (note !== undefined) write(`  ${label} ${note}\n`);
    },
  };
}

export function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
