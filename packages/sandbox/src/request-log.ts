// What was asked of the sandbox and how it answered, newest last, bounded. Every refusal carries the
// section of the fact sheet that it enforces; every injected fault carries the fault's id. Entries hold
// names and ids only: no token, code, secret, query string or body ever enters the log.

import type { Clock } from "./clock.ts";

export type RequestEntry = {
  number: number;
  atMs: number;
  operation: string;
  method: string;
  path: string;
  /** null: the connection was closed without an answer. */
  status: number | null;
  code: string;
  rule: string | null;
  message: string | null;
  fault: string | null;
  clientKey: string | null;
  creator: string | null;
  publishId: string | null;
  durationMs: number;
};

export type RequestLog = {
  add(entry: Omit<RequestEntry, "number" | "durationMs">): void;
  entries(): RequestEntry[];
  clear(): void;
};

const entriesMax = 2000;

export function createRequestLog(
  clock: Clock,
  onRequest: (entry: RequestEntry) => void,
): RequestLog {
  let entries: RequestEntry[] = [];
  let lastNumber = 0;
  return {
    add: (entry) => {
      lastNumber += 1;
      const durationMs = clock.nowMs() - entry.atMs;
      const numbered = { number: lastNumber, ...entry, durationMs };
      entries.push(numbered);
      if (entries.length > entriesMax * 1.5) entries = entries.slice(-entriesMax);
      onRequest(numbered);
    },
    entries: () => entries.slice(-entriesMax),
    clear: () => {
      entries = [];
    },
  };
}
