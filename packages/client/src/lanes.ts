/**
 * Sends the parts that storage lacks, several at a time, each lane one part after the other.
 *
 * Keeps account of what is confirmed and what is in flight. The first part that fails for good stops all lanes, and
 * nothing is left running when that is reported; what was confirmed before stays so.
 */
import type { PublicationView, SignedPart } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import { createChecksums, type Part, type Reading } from "./checksums.ts";
import type { Holds } from "./hold.ts";
import type { Link } from "./link.ts";
import { createLookup } from "./lookup.ts";
import { sendPart } from "./part.ts";
import { cutParts } from "./part-size.ts";
import type { Meter } from "./progress.ts";
import type { Patience } from "./retry.ts";
import { createSigner, signBatchMax } from "./signer.ts";
import type { PartTransport } from "./transport.ts";

/** What every step of one upload works with. */
export type UploadContext = Patience &
  Reading & {
    api: Api;
    transport: PartTransport;
    link: Link;
    holds: Holds;
    stallMs: number;
    meter: Meter;
    sent: { confirmedBytes: number; inFlightBytesByPart: Map<number, number> };
    onBegun(publication: PublicationView): void;
    onPhase(phase: "uploading" | "completing"): void;
    onConfirmed(): void;
  };

export type UploadPlan = {
  publicationId: string;
  partBytes: number;
  /** Numbers of the parts that storage has. */
  stored: ReadonlySet<number>;
  signed: readonly SignedPart[];
  /** As far as they were computed for this plan already. */
  checksumByPart: ReadonlyMap<number, string>;
};

export async function sendMissing(run: UploadContext, plan: UploadPlan): Promise<void> {
  const missing = findMissing(run, plan);
  const lost = new AbortController();
  const signal = AbortSignal.any([run.signal, lost.signal]);
  const laneCount = Math.min(run.link.laneCountMax, missing.length);
  const aheadCount = laneCount * 3;
  const wantedCount = signBatchMax + aheadCount;
  let nextIndex = 0;
  const held = new Set<number>();

  const checksums = createChecksums({ ...run, signal }, missing, {
    known: plan.checksumByPart,
    // Two would be faster, and take from the lanes what they need of the processor.
    readerCount: 1,
    onKnown: () => signer.lookAhead(),
    onError: (error) => lost.abort(error),
  });
  const upcoming = () => {
    const next = missing.slice(nextIndex, nextIndex + wantedCount);
    return [...held, ...next.map((part) => part.partNumber)];
  };
  const { publicationId } = plan;
  const signer = createSigner(
    { ...run, signal, publicationId, checksums, upcoming, aheadCount },
    plan.signed,
  );
  const lookup = createLookup({ ...run, signal, publicationId, checksums });
  const onSent = sentCounter(run);
  const context = { ...run, signal, signer, checksums, lookup, owner: run.sent, onSent };

  const lane = async () => {
    for (let part = missing[nextIndex++]; part !== undefined; part = missing[nextIndex++]) {
      held.add(part.partNumber);
      checksums.want(nextIndex + wantedCount);
      await sendPart(context, part);
      held.delete(part.partNumber);
      signer.forget(part.partNumber);
      onSent(part.partNumber, part.bytes);
      run.sent.inFlightBytesByPart.delete(part.partNumber);
      run.sent.confirmedBytes += part.bytes;
      run.onConfirmed();
    }
  };
  const lanes = Array.from({ length: laneCount }, () =>
    lane().catch((error: unknown) => {
      lost.abort(error);
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failed !== undefined) throw run.signal.aborted ? run.signal.reason : lost.signal.reason;
}

/** The parts to send; those that storage has are counted as confirmed. */
function findMissing({ source, sent, onConfirmed }: UploadContext, plan: UploadPlan): Part[] {
  const parts = cutParts(source.size, plan.partBytes);
  const isStored = ({ partNumber }: Part) => plan.stored.has(partNumber);
  sent.confirmedBytes = parts.filter(isStored).reduce((sum, { bytes }) => sum + bytes, 0);
  onConfirmed();
  return parts.filter((part) => !isStored(part));
}

/** Told how far each attempt is; 0 says that it broke. */
function sentCounter({ sent, meter }: UploadContext) {
  const { inFlightBytesByPart } = sent;
  return (partNumber: number, sentBytes: number): void => {
    const before = inFlightBytesByPart.get(partNumber) ?? 0;
    meter.moved(Math.max(0, sentBytes - before));
    if (sentBytes > 0) inFlightBytesByPart.set(partNumber, sentBytes);
    else if (inFlightBytesByPart.delete(partNumber)) meter.broke(before);
  };
}
