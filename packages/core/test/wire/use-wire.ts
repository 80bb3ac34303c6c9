/** A wire for each test of a file, its clock, and whoever holds its requests; and that nothing of it stays behind. */
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect } from "vitest";
import { createWire, type Wire } from "../../src/wire/index.ts";
import { closeAll } from "./servers.ts";

interface Line {
  nowMs: number;
  hold: AbortController;
  wire: Wire;
  get(url: string, silenceMsMax?: number): ReturnType<Wire["get"]>;
}

export function useWire(): Line {
  const create = () => createWire({ clock: { nowMs: () => line.nowMs } });
  const line: Line = {
    nowMs: 0,
    hold: new AbortController(),
    wire: create(),
    get: (url, silenceMsMax = 0) => {
      const headers = { range: "bytes=0-9" };
      return line.wire.get({ url, headers, silenceMsMax, signal: line.hold.signal });
    },
  };
  beforeEach(() => {
    Object.assign(line, { nowMs: 0, hold: new AbortController(), wire: create() });
  });
  afterEach(async () => {
    // What is over listens to nobody, however it ended.
    expect(getEventListeners(line.hold.signal, "abort")).toEqual([]);
    line.wire.close();
    await closeAll();
  });
  return line;
}
