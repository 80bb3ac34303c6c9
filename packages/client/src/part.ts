/**
 * Brings one part to storage, however many attempts that takes.
 *
 *   wait until open ─▶ URL ─▶ take a slot ─▶ PUT ─▶ stored: done
 *        ▲  ▲  ▲                              ├──▶ paused or offline: the attempt does not count
 *        │  │  └── backoff ◀──────────────────┤    network, stall, 408, 429, 5xx, damaged on the way
 *        │  └───── new batch of URLs ◀────────┤    403, expired token
 *        └──────── (resumed, online)          └──▶ gone, refused, file changed: throws
 *
 * A part is stored whole or not at all, so an attempt that breaks is repeated from its first byte.
 */

import { verdictOf } from "./answer.ts";
import { type Checksums, checksumOf, type Part, type Reading } from "./checksums.ts";
import { NetworkError, UploadError } from "./errors.ts";
import { type Holds, heldReason } from "./hold.ts";
import type { Link } from "./link.ts";
import type { Lookup } from "./lookup.ts";
import { backoffMs, type RetryPolicy } from "./retry.ts";
import type { Runtime } from "./runtime.ts";
import type { PartUrl, Signer } from "./signer.ts";
import type { PartAnswer, PartTransport } from "./transport.ts";

export type PartContext = Reading & {
  transport: PartTransport;
  signer: Signer;
  checksums: Pick<Checksums, "get">;
  lookup: Lookup;
  link: Link;
  holds: Holds;
  runtime: Runtime;
  retry: RetryPolicy;
  stallMs: number;
  /** Uploads that share a link are told apart by it. */
  owner: object;
  /** Bytes of the current attempt that have left; back to 0 when it breaks. */
  onSent(partNumber: number, sentBytes: number): void;
};

/** Storage that refuses three fresh signatures in a row is not going to like the fourth. */
const resignsMax = 3;
/** On links so slow that a transport without progress would seem stalled: the pace that is still fine. */
const slowestBytesPerMs = 16;

export async function sendPart(context: PartContext, part: Part): Promise<void> {
  const { runtime, retry, signal, signer, holds, link } = context;
  const waitBefore = (attempt: number, floorMs = 0) =>
    holds.backOff(backoffMs(runtime, retry, attempt, floorMs), signal);
  const doubt = { mayBeStored: false };
  let resignCount = 0;
  for (let attempt = 1; attempt <= retry.attemptsMax; attempt += 1) {
    const outcome = await attemptPart(context, part, doubt);
    if (outcome === "stored before") return;
    if (outcome.answer === null) {
      link.failed("broken");
      if (!(await context.source.isIntact())) throw fileChanged();
      await waitBefore(attempt);
      continue;
    }
    const { status, code, retryAfterMs } = outcome.answer;
    const said = `Storage answered ${status}${code === null ? "" : ` ${code}`}`;
    switch (verdictOf(outcome.answer)) {
      case "stored":
        link.stored(part.bytes);
        return;
      case "retry":
        link.failed(status === 429 || status === 503 ? "throttled" : "broken");
        await waitBefore(attempt, retryAfterMs ?? 0);
        break;
      case "damaged":
        link.failed("broken");
        if ((await checksumOf(context, part)) !== context.checksums.get(part.partNumber)) {
          throw fileChanged();
        }
        await waitBefore(attempt);
        break;
      case "re-sign":
        resignCount += 1;
        if (resignCount > resignsMax) {
          throw new UploadError("part_refused", `${said} to part ${part.partNumber}.`);
        }
        signer.refuse(outcome.url);
        break;
      case "gone":
        throw new UploadError("upload_gone", "Storage does not know this upload any more.");
      case "refused":
        throw new UploadError("part_refused", `${said} to part ${part.partNumber}.`);
    }
  }
  const message = `Part ${part.partNumber} failed ${retry.attemptsMax} times.`;
  throw new UploadError("attempts_exhausted", message);
}

function fileChanged(): UploadError {
  return new UploadError("file_changed", "The file changed or cannot be read any more.");
}

type Outcome = { url: PartUrl; answer: PartAnswer | null } | "stored before";

/** Whether an attempt without an answer may have stored the part nevertheless. */
type Doubt = { mayBeStored: boolean };

/** One attempt that was not interrupted by a hold. `answer` is null when storage could not be reached. */
async function attemptPart(context: PartContext, part: Part, doubt: Doubt): Promise<Outcome> {
  const { holds, link, lookup, signal, signer, owner } = context;
  // Bounded by the person at the pause button, and by the network.
  for (;;) {
    await holds.whenOpen(signal);
    if (doubt.mayBeStored && (await lookup.has(part))) return "stored before";
    doubt.mayBeStored = false;
    // Others may use the slot while this part waits for its checksum and its URL.
    await signer.urlFor(part.partNumber);
    const release = await link.take(signal, owner);
    try {
      if (holds.isClosed) continue;
      const url = await signer.urlFor(part.partNumber);
      if (holds.isClosed) continue;
      return { url, answer: await putPart(context, part, url, doubt) };
    } catch (error) {
      if (error !== heldReason) throw error;
      // What storage answered in the last moment has not reached this page, nor how much had left.
      doubt.mayBeStored = true;
    } finally {
      release();
    }
  }
}

async function putPart(
  context: PartContext,
  part: Part,
  url: PartUrl,
  doubt: Doubt,
): Promise<PartAnswer | null> {
  const { runtime, transport, source, signal, holds, stallMs } = context;
  const { partNumber, firstByte, bytes } = part;
  const ended = new AbortController();
  const stalled = new AbortController();
  let movedAtMs = runtime.now();

  const silenceMs = stallMs + (transport.isProgressive ? 0 : bytes / slowestBytesPerMs);
  const watchForStall = async () => {
    // Ends with the attempt; each turn sleeps until the earliest moment at which it could have stalled.
    while (!ended.signal.aborted) {
      const quietMs = runtime.now() - movedAtMs;
      if (quietMs >= silenceMs) return stalled.abort();
      await runtime.sleep(silenceMs - quietMs, ended.signal);
    }
  };
  watchForStall().catch(() => {});

  let isAllSent = false;
  let isStored = false;
  const stopped = holds.moving();
  try {
    const answer = await transport.put({
      url: url.url,
      headers: url.headers,
      body: source.slice(firstByte, bytes),
      bytes,
      signal: AbortSignal.any([signal, holds.signal, stalled.signal]),
      onSent: (sentBytes) => {
        movedAtMs = runtime.now();
        isAllSent = sentBytes === bytes;
        if (!ended.signal.aborted) context.onSent(partNumber, sentBytes);
      },
    });
    isStored = verdictOf(answer) === "stored";
    return answer;
  } catch (error) {
    if (!(error instanceof NetworkError) && !stalled.signal.aborted) throw error;
    doubt.mayBeStored = isAllSent;
    return null;
  } finally {
    ended.abort();
    if (!isStored) context.onSent(partNumber, 0);
    stopped();
  }
}
