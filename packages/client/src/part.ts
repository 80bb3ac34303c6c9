/**
 * Brings one part to storage, however many attempts that takes.
 *
 *   wait for the gate ─▶ take a slot ─▶ URL ─▶ PUT ─▶ stored: done
 *        ▲  ▲  ▲                                ├──▶ paused: the attempt does not count
 *        │  │  └── backoff ◀────────────────────┤    network, stall, 408, 429, 5xx
 *        │  └───── new batch of URLs ◀──────────┤    403, expired token
 *        └──────── (user resumes)               └──▶ gone, refused, file changed: throws
 *
 * A part is stored whole or not at all, so an attempt that breaks is repeated from its first byte.
 */

import { verdictOf } from "./answer.ts";
import { NetworkError, UploadError } from "./errors.ts";
import { type Pause, pauseReason } from "./pause.ts";
import { backoffMs, type RetryPolicy } from "./retry.ts";
import type { Runtime } from "./runtime.ts";
import type { PartUrl, Signer } from "./signer.ts";
import type { Slots } from "./slots.ts";
import type { ByteSource } from "./source.ts";
import type { PartAnswer, PartTransport } from "./transport.ts";

export type PartContext = {
  source: ByteSource;
  transport: PartTransport;
  signer: Signer;
  slots: Slots;
  pause: Pause;
  runtime: Runtime;
  retry: RetryPolicy;
  signal: AbortSignal;
  stallMs: number;
  /** Bytes of the current attempt that have left; back to 0 when it breaks. */
  onSent(partNumber: number, sentBytes: number): void;
};

export type Part = { partNumber: number; firstByte: number; bytes: number };

/** Storage that refuses three fresh signatures in a row is not going to like the fourth. */
const resignsMax = 3;
/** On links so slow that a transport without progress would seem stalled: the pace that is still fine. */
const slowestBytesPerMs = 16;

export async function sendPart(context: PartContext, part: Part): Promise<void> {
  const { runtime, retry, signal, signer } = context;
  let resignCount = 0;
  for (let attempt = 1; attempt <= retry.attemptsMax; attempt += 1) {
    const outcome = await attemptPart(context, part);
    if (outcome.answer === null) {
      if (!(await context.source.isIntact())) {
        throw new UploadError("file_changed", "The file changed or cannot be read any more.");
      }
      await runtime.untilOnline(signal);
      await waitBefore(context, backoffMs(runtime, retry, attempt));
      continue;
    }
    const { status, code, retryAfterMs } = outcome.answer;
    const said = `Storage answered ${status}${code === null ? "" : ` ${code}`}`;
    switch (verdictOf(outcome.answer)) {
      case "stored":
        signer.forget(part.partNumber);
        return;
      case "retry":
        await waitBefore(context, backoffMs(runtime, retry, attempt, retryAfterMs ?? 0));
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

/** A pause ends the wait; the gate then holds the part for as long as it takes. */
async function waitBefore(context: PartContext, durationMs: number): Promise<void> {
  const { runtime, signal, pause } = context;
  try {
    await runtime.sleep(durationMs, AbortSignal.any([signal, pause.signal]));
  } catch (error) {
    if (error !== pauseReason) throw error;
  }
}

type Outcome = { url: PartUrl; answer: PartAnswer } | { url: PartUrl; answer: null };

/** One attempt that was not interrupted by a pause. `answer` is null when storage could not be reached. */
async function attemptPart(context: PartContext, part: Part): Promise<Outcome> {
  const { pause, slots, signal, signer } = context;
  // Bounded by the person at the pause button.
  for (;;) {
    await pause.whenOpen(signal);
    const release = await slots.take(signal);
    try {
      const url = await signer.urlFor(part.partNumber);
      if (pause.isPaused) continue;
      return { url, answer: await putPart(context, part, url) };
    } catch (error) {
      if (error !== pauseReason) throw error;
    } finally {
      release();
    }
  }
}

async function putPart(context: PartContext, part: Part, url: PartUrl): Promise<PartAnswer | null> {
  const { runtime, transport, source, signal, pause, stallMs } = context;
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

  let isStored = false;
  try {
    const answer = await transport.put({
      url: url.url,
      body: source.slice(firstByte, bytes),
      bytes,
      signal: AbortSignal.any([signal, pause.signal, stalled.signal]),
      onSent: (sentBytes) => {
        movedAtMs = runtime.now();
        if (!ended.signal.aborted) context.onSent(partNumber, sentBytes);
      },
    });
    isStored = verdictOf(answer) === "stored";
    return answer;
  } catch (error) {
    if (error instanceof NetworkError || stalled.signal.aborted) return null;
    throw error;
  } finally {
    ended.abort();
    if (!isStored) context.onSent(partNumber, 0);
  }
}
