/**
 * What happened, as a running hash and the last lines of it. Two lives with the same hash were the same life; the lines
 * are the replay that a failing seed prints.
 */

export interface Trace {
  add(line: string): void;
  hash(): string;
  /** The last lines, oldest first. */
  tail(): string[];
}

/** Enough to see what led to a violation, little enough to read. */
const tailLines = 60;

export function createTrace(options: { lines?: number } = {}): Trace {
  const size = options.lines ?? tailLines;
  const ring: string[] = [];
  let count = 0;
  let high = 0x811c9dc5;
  let low = 0x1b873593;
  return {
    add(line) {
      for (let index = 0; index < line.length; index += 1) {
        const unit = line.charCodeAt(index);
        high = Math.imul(high ^ unit, 0x01000193);
        low = Math.imul(low ^ unit, 0x5bd1e995) ^ (low >>> 15);
      }
      ring[count % size] = line;
      count += 1;
    },
    hash: () => hex(high) + hex(low),
    tail: () => {
      const first = count % size;
      return count <= size ? ring.slice(0, count) : [...ring.slice(first), ...ring.slice(0, first)];
    },
  };
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
