/**
 * Owns the presigned URLs of one upload: asks for them in full batches, ahead of need, and replaces the dead ones.
 *
 * Promises: at most parts/100 + 1 requests unless URLs die; one request at a time; a URL that storage refused takes its
 * whole batch with it, since one expired role session kills them all. URLs live only as long as their part does.
 */
import type { signBatchMax as contractBatchMax, SignedPart } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import { UploadError } from "./errors.ts";
import { callPatiently, type RetryPolicy } from "./retry.ts";
import type { Runtime } from "./runtime.ts";

/** The type is the contract's literal, so a change there stops the build here. */
export const signBatchMax: typeof contractBatchMax = 100;

export type PartUrl = SignedPart & { batch: number; receivedAtMs: number };

export type Signer = {
  urlFor(partNumber: number): Promise<PartUrl>;
  /** Storage refused this URL. */
  refuse(url: PartUrl): void;
  /** The part is stored; its URL is not needed any more. */
  forget(partNumber: number): void;
};

export type SignerContext = {
  api: Pick<Api, "sign">;
  runtime: Runtime;
  retry: RetryPolicy;
  signal: AbortSignal;
  publicationId: string;
  /** Parts not stored yet, those under way first, then in the order in which they will be sent. */
  upcoming: () => readonly number[];
  /** So many upcoming parts should always have a URL. */
  aheadCount: number;
};

/** A URL must not expire between the check and the first byte. */
const marginMs = 30_000;
/** A clock that runs ahead must not make every new URL look dead: for so long a new one is always tried. */
const freshMs = 60_000;
/** Each round waits for the batch under way or asks for the part itself; two suffice, more is an odd answer. */
const roundsMax = 4;

export function createSigner(context: SignerContext, first: readonly SignedPart[]): Signer {
  const { api, runtime, signal, publicationId } = context;
  const urlByPart = new Map<number, PartUrl>();
  let batchCount = 0;
  let request: Promise<void> | null = null;

  const keep = (parts: readonly SignedPart[]) => {
    batchCount += 1;
    const receivedAtMs = runtime.now();
    for (const part of parts) {
      urlByPart.set(part.partNumber, { ...part, batch: batchCount, receivedAtMs });
    }
  };

  const usable = (partNumber: number): PartUrl | null => {
    const url = urlByPart.get(partNumber);
    if (url === undefined) return null;
    const usableUntilMs = Math.max(url.expiresAtMs - marginMs, url.receivedAtMs + freshMs);
    return runtime.now() < usableUntilMs ? url : null;
  };

  const ask = (partNumber: number): Promise<void> => {
    const wanted = new Set([partNumber]);
    for (const next of context.upcoming()) {
      if (wanted.size >= signBatchMax) break;
      if (usable(next) === null) wanted.add(next);
    }
    request = callPatiently(context, () =>
      api.sign({ publicationId, partNumbers: [...wanted] }, { signal }),
    )
      .then(keep)
      .finally(() => {
        request = null;
      });
    return request;
  };

  const lookAhead = () => {
    if (request !== null) return;
    const missing = context
      .upcoming()
      .slice(0, context.aheadCount)
      .find((next) => usable(next) === null);
    // Whoever needs a part of this batch waits for it or asks again, and then learns of the failure.
    if (missing !== undefined) ask(missing).catch(() => {});
  };

  keep(first);
  return {
    urlFor: async (partNumber) => {
      for (let round = 1; round <= roundsMax; round += 1) {
        const url = usable(partNumber);
        if (url !== null) {
          lookAhead();
          return url;
        }
        await (request ?? ask(partNumber));
      }
      throw new UploadError(
        "unexpected_answer",
        `Part ${partNumber} was asked for and not signed.`,
      );
    },
    refuse: (refused) => {
      for (const [partNumber, url] of urlByPart) {
        if (url.batch <= refused.batch) urlByPart.delete(partNumber);
      }
    },
    forget: (partNumber) => {
      urlByPart.delete(partNumber);
    },
  };
}
