/**
 * What the code promises and the infrastructure must allow for. Read from core, so that neither side changes alone.
 */
import { leaseMs, quickDelaysMs, relaySlots } from "@clipcast/core/publishing";
import { rangeUrlSeconds } from "@clipcast/core/storage";
import { metricUnits } from "@clipcast/core/system";
import { partUrlSeconds } from "@clipcast/core/uploads";

export interface CodeLimits {
  /** How long a dead relay goes unnoticed at most, before the poller looks. */
  leaseMs: number;
  /** Delays of status checks that wait in a queue. */
  quickDelaysMs: number[];
  /** How long the longest-lived presigned URL is valid. */
  presignedSeconds: number;
  /** How many relays the code believes to run at once. */
  relaySlots: number;
  /** Names of what the functions report. */
  metrics: string[];
}

export const codeLimits: CodeLimits = {
  leaseMs,
  quickDelaysMs,
  relaySlots,
  metrics: Object.keys(metricUnits),
  presignedSeconds: Math.max(partUrlSeconds, rangeUrlSeconds),
};
