/**
 * Sends the parts that storage lacks, several at a time, each lane one part after the other.
 *
 * Keeps account of what is confirmed and what is in flight. The first part that fails for good stops all lanes, and
 * nothing is left running when that is reported; what was confirmed before stays so.
 */
import type { PublicationView, SignedPart } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import { type Part, sendPart } from "./part.ts";
import type { Pause } from "./pause.ts";
import type { Meter } from "./progress.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Runtime } from "./runtime.ts";
import { createSigner } from "./signer.ts";
import type { Slots } from "./slots.ts";
import type { ByteSource } from "./source.ts";
import type { PartTransport } from "./transport.ts";

/** What every step of one upload works with. */
export type UploadContext = {
  api: Api;
  source: ByteSource;
  transport: PartTransport;
  slots: Slots;
  pause: Pause;
  runtime: Runtime;
  retry: RetryPolicy;
  signal: AbortSignal;
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
  partCount: number;
  /** Numbers of the parts that storage has. */
  stored: ReadonlySet<number>;
  signed: readonly SignedPart[];
};

/** More than one batch, so that a batch is always full while enough parts are left. */
const upcomingMax = 200;

export async function sendMissing(run: UploadContext, plan: UploadPlan): Promise<void> {
  const { source, sent, slots } = run;
  const missing: Part[] = [];
  sent.confirmedBytes = 0;
  for (let partNumber = 1; partNumber <= plan.partCount; partNumber += 1) {
    const firstByte = (partNumber - 1) * plan.partBytes;
    const bytes = Math.min(plan.partBytes, source.size - firstByte);
    if (plan.stored.has(partNumber)) sent.confirmedBytes += bytes;
    else missing.push({ partNumber, firstByte, bytes });
  }
  run.onConfirmed();

  const lost = new AbortController();
  const signal = AbortSignal.any([run.signal, lost.signal]);
  const laneCount = Math.min(slots.limit, missing.length);
  let nextIndex = 0;
  const held = new Set<number>();
  const signer = createSigner(
    {
      ...run,
      signal,
      publicationId: plan.publicationId,
      upcoming: () => [
        ...held,
        ...missing.slice(nextIndex, nextIndex + upcomingMax).map((part) => part.partNumber),
      ],
      aheadCount: laneCount * 3,
    },
    plan.signed,
  );
  const context = {
    ...run,
    signer,
    signal,
    onSent: (partNumber: number, sentBytes: number) => {
      const before = sent.inFlightBytesByPart.get(partNumber) ?? 0;
      run.meter.moved(Math.max(0, sentBytes - before));
      if (sentBytes === 0) sent.inFlightBytesByPart.delete(partNumber);
      else sent.inFlightBytesByPart.set(partNumber, sentBytes);
    },
  };

  const lane = async () => {
    for (let part = missing[nextIndex++]; part !== undefined; part = missing[nextIndex++]) {
      held.add(part.partNumber);
      await sendPart(context, part);
      held.delete(part.partNumber);
      context.onSent(part.partNumber, part.bytes);
      sent.inFlightBytesByPart.delete(part.partNumber);
      sent.confirmedBytes += part.bytes;
      run.onConfirmed();
    }
  };
  // The first failure stops the other lanes, and nothing is left running when it is reported.
  const lanes = Array.from({ length: laneCount }, () =>
    lane().catch((error: unknown) => {
      lost.abort(error);
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failed !== undefined) throw run.signal.aborted ? run.signal.reason : lost.signal.reason;
}
