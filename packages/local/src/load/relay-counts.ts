/** What the relay has cost: its invocations, how they ended, and the deliveries that were wasted. */
import type { Counts } from "../trial/wire.ts";

export interface RelayCounts {
  invocations: number;
  /** How the relay's runs ended. */
  results: Record<string, number>;
  /** Messages that came back because their delivery failed. */
  burnedReceives: number;
  peakRssBytes: number;
}

export function relayCounts({ events, relay }: Counts): RelayCounts {
  const results: Record<string, number> = {};
  for (const [key, count] of Object.entries(events)) {
    const [functionName, event, result] = key.split(" ");
    if (functionName === "Relay" && event === "relay" && result) results[result] = count;
  }
  return {
    invocations: relay.invocations,
    results,
    burnedReceives: relay.errors + (events["Relay message.failed"] ?? 0),
    peakRssBytes: relay.peakRssBytes,
  };
}

/** What happened between the two. */
export function difference(after: RelayCounts, before: RelayCounts): RelayCounts {
  const results = Object.entries(after.results).map(([name, count]): [string, number] => [
    name,
    count - (before.results[name] ?? 0),
  ]);
  return {
    invocations: after.invocations - before.invocations,
    results: Object.fromEntries(results),
    burnedReceives: after.burnedReceives - before.burnedReceives,
    peakRssBytes: after.peakRssBytes,
  };
}
