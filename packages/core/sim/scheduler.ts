/**
 * Virtual time. Whatever happens in a simulated life is an event here, at a time and in an order that only the seed
 * decides. After each event all code that it woke runs until it waits again, before the next event happens.
 */
import { assert } from "../src/errors/index.ts";

export interface Timer {
  cancel(): void;
}

export type RunEnd = "quiet" | "late" | "endless" | "stopped";

export interface Scheduler {
  nowMs(): number;
  later(delayMs: number, run: () => void): Timer;
  /** Runs until nothing waits any more, time or events are spent, or `stop` is called. */
  run(limits: { untilMs: number; eventsMax: number }): Promise<RunEnd>;
  stop(): void;
  events(): number;
}

interface Entry {
  atMs: number;
  order: number;
  run: (() => void) | null;
}

export function createScheduler(startMs: number): Scheduler {
  const heap = createHeap();
  let nowMs = startMs;
  let order = 0;
  let events = 0;
  let isStopped = false;

  return {
    nowMs: () => nowMs,
    events: () => events,
    stop() {
      isStopped = true;
    },
    later(delayMs, run) {
      order += 1;
      const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), order, run };
      heap.push(entry);
      return {
        cancel: () => {
          entry.run = null;
        },
      };
    },
    run({ untilMs, eventsMax }) {
      /** Lets the next event happen; answers how it all ended once there is none. */
      const step = (): RunEnd | null => {
        if (isStopped) return "stopped";
        const entry = heap.first();
        if (entry === null) return "quiet";
        if (entry.run !== null && entry.atMs > untilMs) return "late";
        if (entry.run !== null && events >= eventsMax) return "endless";
        heap.shift();
        if (entry.run === null) return null;
        events += 1;
        nowMs = entry.atMs;
        entry.run();
        return null;
      };
      return takeTurns(step);
    },
  };
}

/** Steps in one turn of Node's loop: a turn costs a system call, and a life has thousands of steps. */
const turnSteps = 64;

/**
 * Takes step after step until one answers. Node runs all microtasks and ticks after each immediate, before the next one;
 * nothing in a simulation waits for real input.
 */
function takeTurns<T>(step: () => T | null): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const guarded = () => {
      if (isOver) return;
      try {
        const end = step();
        if (end === null) return;
        isOver = true;
        resolve(end);
      } catch (error) {
        isOver = true;
        reject(error);
      }
    };
    const turn = () => {
      if (isOver) return;
      for (let count = 0; count < turnSteps; count += 1) setImmediate(guarded);
      setImmediate(turn);
    };
    turn();
  });
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** A binary heap: the next event is always in front. */
function createHeap() {
  const entries: Entry[] = [];
  const at = (index: number): Entry => {
    const entry = entries[index];
    assert(entry, "the index is inside of the heap");
    return entry;
  };
  const swap = (one: number, other: number) => {
    const kept = at(one);
    entries[one] = at(other);
    entries[other] = kept;
  };
  return {
    first: (): Entry | null => entries[0] ?? null,
    push(entry: Entry) {
      entries.push(entry);
      let index = entries.length - 1;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        if (!isBefore(at(index), at(parent))) return;
        swap(index, parent);
        index = parent;
      }
    },
    shift() {
      const last = entries.pop();
      if (last === undefined || entries.length === 0) return;
      entries[0] = last;
      let index = 0;
      for (;;) {
        const left = index * 2 + 1;
        const right = left + 1;
        let least = index;
        if (left < entries.length && isBefore(at(left), at(least))) least = left;
        if (right < entries.length && isBefore(at(right), at(least))) least = right;
        if (least === index) return;
        swap(index, least);
        index = least;
      }
    },
  };
}
