/**
 * The way to storage, as all uploads of a client share it: its slots, how many of them it deserves, and what it gave last
 * time, from which the next upload chooses its part size.
 */
import { type Epoch, isEpochOver, nextPace, type Pace, type PaceBounds } from "./pace.ts";
import type { Runtime } from "./runtime.ts";
import { createSlots, type Slots } from "./slots.ts";

/** A browser's `localStorage`, or anything like it. */
export type LinkMemory = Pick<Storage, "getItem" | "setItem">;

export type Link = {
  /** The most parts that are ever on the wire at once. */
  readonly laneCountMax: number;
  /** Null until enough has been sent, here or in an earlier session. */
  readonly bytesPerSecond: number | null;
  /** Resolves when a part may begin, to the function that gives its slot back. */
  take: Slots["take"];
  /** Storage has confirmed a part. */
  stored(bytes: number): void;
  /** An attempt broke; `throttled` when storage asked for less. */
  failed(kind: "broken" | "throttled"): void;
};

/** A browser opens no more than six connections to one host over HTTP/1.1, which is what S3 speaks. */
export const browserBounds: PaceBounds = { min: 2, max: 6 };
/** As many as a browser's: each waits for a preflight and an answer a third of its time on a fast link. */
const firstLimit = 6;
/**
 * Parts begin so long after one another, or two thirds of the time that the link takes for one, if that is less. Begun
 * together, equal parts on a fairly shared link also end together, and then it stands idle while all of them wait for their
 * answers and the next preflights.
 */
const gapMsMax = 40;
const gapShare = 2 / 3;
const memoryKey = "clipcast-link-bytes-per-second";

export function createLink(options: {
  runtime: Pick<Runtime, "now" | "sleep">;
  bounds?: PaceBounds | undefined;
  /** Given, their limit is the caller's and stays as it is. */
  slots?: Slots | undefined;
  memory?: LinkMemory | undefined;
}): Link {
  const { runtime, bounds = browserBounds, memory } = options;
  const first = Math.min(bounds.max, Math.max(bounds.min, firstLimit));
  const slots = options.slots ?? createSlots(first);
  let pace: Pace = { limit: first, before: null, restCount: 0 };
  let bytesPerSecond = recall(memory);
  let startedMs = runtime.now();
  let epoch: Omit<Epoch, "elapsedMs" | "isBusy"> = emptyEpoch;
  let partBytes = 0;
  let nextStartMs = 0;

  /** Resolves when it is this part's turn to begin. */
  const turn = async (signal: AbortSignal) => {
    const nowMs = runtime.now();
    const startMs = Math.max(nowMs, nextStartMs);
    const partMs = partBytes > 0 ? (partBytes / (bytesPerSecond ?? 0)) * 1000 : Infinity;
    nextStartMs = startMs + Math.min(gapMsMax, partMs * gapShare);
    if (startMs > nowMs) await runtime.sleep(startMs - nowMs, signal);
  };
  const begin = () => {
    startedMs = runtime.now();
    epoch = emptyEpoch;
  };
  const count = (change: Partial<typeof epoch>) => {
    epoch = { ...epoch, ...change };
    const elapsedMs = runtime.now() - startedMs;
    const judged: Epoch = { ...epoch, elapsedMs, isBusy: slots.waitingCount > 0 };
    if (!isEpochOver(judged, slots.limit)) return;
    if (judged.failedCount === 0) {
      const rate = (judged.confirmedBytes / elapsedMs) * 1000;
      bytesPerSecond = bytesPerSecond === null ? rate : (bytesPerSecond + rate) / 2;
      remember(memory, bytesPerSecond);
    }
    if (options.slots === undefined) {
      pace = nextPace(pace, judged, bounds);
      slots.limit = pace.limit;
    }
    begin();
  };

  return {
    laneCountMax: options.slots?.limit ?? bounds.max,
    get bytesPerSecond() {
      return bytesPerSecond;
    },
    take: async (signal, owner) => {
      // An idle link measures nothing.
      if (slots.takenCount === 0) begin();
      const release = await slots.take(signal, owner);
      try {
        await turn(signal);
        return release;
      } catch (error) {
        release();
        throw error;
      }
    },
    stored: (bytes) => {
      partBytes = bytes;
      count({
        confirmedBytes: epoch.confirmedBytes + bytes,
        confirmedCount: epoch.confirmedCount + 1,
      });
    },
    failed: (kind) =>
      count({
        failedCount: epoch.failedCount + 1,
        isThrottled: epoch.isThrottled || kind === "throttled",
      }),
  };
}

const emptyEpoch = { confirmedBytes: 0, confirmedCount: 0, failedCount: 0, isThrottled: false };

/** What a page keeps may be gone, foreign or forbidden; the link is then measured anew. */
function recall(memory: LinkMemory | undefined): number | null {
  try {
    const bytesPerSecond = Number(memory?.getItem(memoryKey));
    return Number.isFinite(bytesPerSecond) && bytesPerSecond > 0 ? bytesPerSecond : null;
  } catch {
    return null;
  }
}

function remember(memory: LinkMemory | undefined, bytesPerSecond: number): void {
  try {
    memory?.setItem(memoryKey, String(Math.round(bytesPerSecond)));
  } catch {
    // A full or forbidden store only costs the next upload its head start.
  }
}
