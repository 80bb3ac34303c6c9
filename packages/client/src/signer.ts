/**
 * Owns the presigned URLs of one upload: asks for them in full batches, ahead of need, and replaces the dead ones.
 *
 * A part can be signed once its checksum is known, so a batch waits until a hundred are, or all that are left; a lane that
 * stands still is signed for with what is known, after a moment more of reading when that is little. Promises: at most
 * parts/100 + 1 requests, as long as the file can be read much faster than the link takes it and no URL dies; one request at
 * a time; a URL that storage refused takes its whole batch with it, since one expired role session kills them all. URLs live
 * only as long as their part does.
 */
import type { signBatchMax as contractBatchMax, SignedPart } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import type { Checksums } from "./checksums.ts";
import { UploadError } from "./errors.ts";
import { callPatiently, type Patience } from "./retry.ts";

/** The type is the contract's literal, so a change there stops the build here. */
export const signBatchMax: typeof contractBatchMax = 100;

export type PartUrl = SignedPart & { batch: number; receivedAtMs: number };

export type Signer = {
  urlFor(partNumber: number): Promise<PartUrl>;
  /** Another checksum has become known. */
  lookAhead(): void;
  /** Storage refused this URL. */
  refuse(url: PartUrl): void;
  /** The part is stored; its URL is not needed any more. */
  forget(partNumber: number): void;
};

export type SignerContext = Patience & {
  api: Pick<Api, "sign">;
  publicationId: string;
  checksums: Pick<Checksums, "get" | "whenKnown">;
  /** Parts not stored yet, those under way first, then in the order in which they will be sent. */
  upcoming: () => readonly number[];
  /** So many upcoming parts should always have a URL. */
  aheadCount: number;
};

/** A URL must not expire between the check and the first byte. */
const marginMs = 30_000;
/** A clock that runs ahead must not make every new URL look dead: for so long a new one is always tried. */
const freshMs = 60_000;
/** A tenth of a second reads dozens of megabytes, and does not show while other lanes send. */
const gatherMs = 100;
/** Each round waits for the checksum, for the batch under way, or asks for the part; more is an odd answer. */
const roundsMax = 6;

export function createSigner(context: SignerContext, first: readonly SignedPart[]): Signer {
  const { api, runtime, signal, publicationId, checksums } = context;
  const urls = createUrls(runtime);
  let request: Promise<void> | null = null;

  const ask = (partNumbers: Iterable<number>): Promise<void> => {
    const parts: { partNumber: number; crc32: string }[] = [];
    for (const partNumber of partNumbers) {
      const crc32 = checksums.get(partNumber);
      if (crc32 !== null && parts.length < signBatchMax) parts.push({ partNumber, crc32 });
    }
    request = callPatiently(context, () => api.sign({ publicationId, parts }, { signal }))
      .then(urls.keep)
      .finally(() => {
        request = null;
      });
    return request;
  };

  /** What to ask for next, and as much of it as can be asked for. */
  const nextBatch = () => {
    const wanted = context
      .upcoming()
      .filter((partNumber) => urls.usable(partNumber) === null)
      .slice(0, signBatchMax);
    return { wanted, known: wanted.filter((partNumber) => checksums.get(partNumber) !== null) };
  };

  const askFor = async (partNumber: number) => {
    const { wanted, known } = nextBatch();
    // As many as there have been double what is signed: that takes few requests.
    const enoughCount = Math.min(wanted.length, Math.max(context.aheadCount, urls.keptCount));
    const isEnough = known.length >= enoughCount;
    if (!isEnough) await runtime.sleep(gatherMs, signal);
    if (urls.usable(partNumber) !== null) return;
    await (request ?? ask(new Set([partNumber, ...nextBatch().known])));
  };

  const lookAhead = () => {
    if (request !== null) return;
    const isShort = context
      .upcoming()
      .slice(0, context.aheadCount)
      .some((partNumber) => urls.usable(partNumber) === null);
    if (!isShort) return;
    const { wanted, known } = nextBatch();
    if (known.length < wanted.length) return;
    // Whoever needs a part of this batch waits for it or asks again, and then learns of the failure.
    ask(known).catch(() => {});
  };

  urls.keep(first);
  return {
    urlFor: async (partNumber) => {
      for (let round = 1; round <= roundsMax; round += 1) {
        const url = urls.usable(partNumber);
        if (url !== null) {
          lookAhead();
          return url;
        }
        if (checksums.get(partNumber) === null) await checksums.whenKnown(partNumber, signal);
        else await (request ?? askFor(partNumber));
      }
      throw new UploadError(
        "unexpected_answer",
        `Part ${partNumber} was asked for and not signed.`,
      );
    },
    lookAhead,
    refuse: urls.refuse,
    forget: urls.forget,
  };
}

/** The URLs at hand, by part, with the batch that each came in. */
function createUrls(runtime: SignerContext["runtime"]) {
  const urlByPart = new Map<number, PartUrl>();
  let batchCount = 0;
  let keptCount = 0;
  return {
    get keptCount() {
      return keptCount;
    },
    keep: (parts: readonly SignedPart[]) => {
      batchCount += 1;
      keptCount += parts.length;
      const receivedAtMs = runtime.now();
      for (const part of parts) {
        urlByPart.set(part.partNumber, { ...part, batch: batchCount, receivedAtMs });
      }
    },
    usable: (partNumber: number): PartUrl | null => {
      const url = urlByPart.get(partNumber);
      if (url === undefined) return null;
      const usableUntilMs = Math.max(url.expiresAtMs - marginMs, url.receivedAtMs + freshMs);
      return runtime.now() < usableUntilMs ? url : null;
    },
    refuse: (refused: PartUrl) => {
      for (const [partNumber, url] of urlByPart) {
        if (url.batch <= refused.batch) urlByPart.delete(partNumber);
      }
    },
    forget: (partNumber: number) => {
      urlByPart.delete(partNumber);
    },
  };
}
