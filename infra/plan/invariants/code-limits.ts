/**
 * What the code promises and the infrastructure must allow for. Read from core, so that neither side changes alone.
 */
import { leaseMs, quickDelaysMs } from "@clipcast/core/publishing";
import { rangeUrlSeconds } from "@clipcast/core/storage";
import { partUrlSeconds } from "@clipcast/core/uploads";

export interface CodeLimits {
  /** How long a dead relay goes unnoticed at most, before the poller looks. */
  leaseMs: number;
  /** Delays of status checks that wait in a queue. */
  quickDelaysMs: number[];
  /** How long the longest-lived presigned URL is valid. */
  presignedSeconds: number;
}

export const codeLimits: CodeLimits = {
  leaseMs,
  quickDelaysMs,
  presignedSeconds: Math.max(partUrlSeconds, rangeUrlSeconds),
};
