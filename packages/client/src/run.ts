/**
 * The course of one upload: begin or find it, send what is missing, complete.
 *
 * Every request is repeated patiently and is safe to repeat: init carries an idempotency key, a part overwrites itself,
 * and completing twice is success.
 */
import type { InitRequest, PublicationView } from "@clipcast/functions/contract";
import { createChecksums } from "./checksums.ts";
import { ApiError, UploadError } from "./errors.ts";
import { sendMissing, type UploadContext, type UploadPlan } from "./lanes.ts";
import { cutParts, proposePartBytes } from "./part-size.ts";
import { callPatiently } from "./retry.ts";
import { signBatchMax } from "./signer.ts";
import { verifyFile } from "./verify.ts";

export type NewUpload = Omit<InitRequest, "file" | "plan"> & {
  /** Length of the video, checked against the creator's limit. */
  durationMs?: number;
  /** Two uploads with one key are one upload; made up when absent. */
  idempotencyKey?: string;
};
/** What to upload for: a new publication, or one that was begun before. */
export type UploadGoal = NewUpload | { publicationId: string };

/** Completing finds parts missing only if storage lost some; twice is bad luck, more is a fault. */
const roundsMax = 3;

export async function runUpload(run: UploadContext, goal: UploadGoal): Promise<PublicationView> {
  if (!("publicationId" in goal)) {
    const plan = await beginPlan(run, goal);
    return finishElsewhere(run, plan.publicationId, () => sendAndComplete(run, plan));
  }
  const { publicationId } = goal;
  return finishElsewhere(run, publicationId, async () =>
    sendAndComplete(run, await findPlan(run, publicationId)),
  );
}

/**
 * Another tab may complete the upload at any moment. What is refused then is no failure: the goal is reached, and
 * the publication as it stands is the answer. Cancelled before that, it stays a failure. Storage may also have joined the
 * parts for a request that died before it could write so down: completing again finds the whole video.
 */
async function finishElsewhere(
  run: UploadContext,
  publicationId: string,
  work: () => Promise<PublicationView>,
): Promise<PublicationView> {
  try {
    return await work();
  } catch (error) {
    const isOver =
      (error instanceof ApiError && error.code === "not_uploading") ||
      (error instanceof UploadError && error.code === "upload_gone");
    if (!isOver) throw error;
    const publication = await callPatiently(run, () =>
      run.api.status(publicationId, { signal: run.signal }),
    );
    if (publication.status === "uploading") {
      return callPatiently(run, () =>
        run.api.complete(publicationId, { signal: run.signal }),
      ).catch(() => {
        throw error;
      });
    }
    const { storedBytes, totalBytes } = publication.progress;
    if (storedBytes < totalBytes) throw error;
    return publication;
  }
}

async function sendAndComplete(run: UploadContext, begun: UploadPlan): Promise<PublicationView> {
  const { api, signal } = run;
  let plan = begun;
  for (let round = 1; ; round += 1) {
    try {
      run.onPhase("uploading");
      await sendMissing(run, plan);
      run.onPhase("completing");
      return await callPatiently(run, () => api.complete(plan.publicationId, { signal }));
    } catch (error) {
      const isIncomplete =
        error instanceof ApiError &&
        (error.code === "parts_missing" || error.code === "parts_wrong_size");
      if (!isIncomplete || round === roundsMax) throw error;
      plan = await findPlan(run, plan.publicationId);
    }
  }
}

async function beginPlan(run: UploadContext, goal: NewUpload): Promise<UploadPlan> {
  const { api, source, signal, runtime, link } = run;
  const { durationMs, idempotencyKey = runtime.randomId(), ...request } = goal;
  const { name, contentType, size } = source;
  const file = { name, contentType, bytes: size };
  const partBytes = proposePartBytes(size, link.bytesPerSecond);
  const reading = readOn(run, partBytes);
  try {
    await reading.untilEnough();
    const crc32s = reading.known();
    const body = {
      ...request,
      file: durationMs === undefined ? file : { ...file, durationMs },
      plan: { partBytes, crc32s },
    };
    // The key makes it safe to ask again when an answer was lost.
    const { publication, upload } = await callPatiently(run, () =>
      api.uploadInit(body, { idempotencyKey, signal }),
    );
    run.onBegun(publication);
    // Some more by now than were asked for.
    const known = upload.partBytes === partBytes ? reading.known() : [];
    return {
      publicationId: publication.id,
      partBytes: upload.partBytes,
      stored: new Set(),
      signed: upload.parts,
      checksumByPart: new Map(known.map((crc32, partIndex) => [partIndex + 1, crc32])),
    };
  } finally {
    reading.stop();
  }
}

/**
 * So much of the file is read before the backend is asked, so that init can sign what is sent until the next batch is
 * read, and it is read for so long at most.
 */
const firstShare = 1 / 6;
/** These fill most links until the next batch is signed. */
const firstCountMin = 4;
const firstReadMs = 250;

/** Reads the first parts for init, and on while init is under way. */
function readOn(run: UploadContext, partBytes: number) {
  const { source, runtime } = run;
  const ended = new AbortController();
  const signal = AbortSignal.any([run.signal, ended.signal]);
  const parts = cutParts(source.size, partBytes).slice(0, signBatchMax);
  const enoughCount = Math.max(firstCountMin, Math.ceil(parts.length * firstShare));
  const checksums = createChecksums({ ...run, signal }, parts, {
    known: new Map(),
    readerCount: 2,
    onKnown: () => {},
    onError: (error) => ended.abort(error),
  });
  checksums.want(parts.length);
  return {
    untilEnough: async () => {
      const untilMs = runtime.now() + firstReadMs;
      for (const { partNumber } of parts.slice(0, enoughCount)) {
        await checksums.whenKnown(partNumber, signal);
        if (runtime.now() >= untilMs) return;
      }
    },
    /** Of parts 1, 2, 3 …, without a gap. */
    known: () => {
      const crc32s = parts.map(({ partNumber }) => checksums.get(partNumber));
      const gapIndex = crc32s.indexOf(null);
      return crc32s.slice(0, gapIndex < 0 ? undefined : gapIndex) as string[];
    },
    stop: () => ended.abort(),
  };
}

/** What storage has already. Throws when it is not of this file. */
async function findPlan(run: UploadContext, publicationId: string): Promise<UploadPlan> {
  const { api, source, signal } = run;
  const listed = await callPatiently(run, () => api.parts(publicationId, { signal }));
  const { partBytes } = listed;
  if (Math.ceil(source.size / partBytes) !== listed.partCount) {
    throw new UploadError("file_mismatch", "This is not the file that the upload began with.");
  }
  await verifyFile(run, partBytes, listed.parts);
  const stored = new Set(listed.parts.map((part) => part.partNumber));
  const nothing = { signed: [], checksumByPart: new Map() };
  return { publicationId, partBytes, stored, ...nothing };
}
