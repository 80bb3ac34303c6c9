/**
 * How many parts at once a link deserves: one more as long as that makes it faster, half as many when it chokes. Pure.
 *
 *   steady ── a rest is over, parts wait ─▶ one more ── faster by a twentieth ─▶ one more …
 *      ▲                                       └──── not faster: one less, rest ────┐
 *      └────────────────────────────────────────────────────────────────────────────┘
 *   anything ── throttled, or a quarter of the attempts failed ─▶ half, rest
 *
 * It judges epochs, each long enough for every lane to have finished about two parts, by what storage confirmed: bytes that
 * sit in socket buffers would make each new connection look like a faster link.
 */
export type Pace = {
  limit: number;
  /** Bytes per ms before the last step up; null while no step is being judged. */
  before: number | null;
  /** Epochs to go before the next step up. */
  restCount: number;
};

export type Epoch = {
  elapsedMs: number;
  confirmedBytes: number;
  confirmedCount: number;
  failedCount: number;
  /** Storage asked for less (429, 503). */
  isThrottled: boolean;
  /** Parts waited for a slot, so that one more would have been used. */
  isBusy: boolean;
};

export type PaceBounds = { min: number; max: number };

const epochMsMin = 1_000;
/** Less than that is noise. */
const gainMin = 1.05;
const failedShareMax = 0.25;
const restAfterNoGain = 8;
const restAfterTrouble = 3;

export function isEpochOver(epoch: Epoch, limit: number): boolean {
  const attemptCount = epoch.confirmedCount + epoch.failedCount;
  return epoch.elapsedMs >= epochMsMin && (epoch.isThrottled || attemptCount >= 2 * limit);
}

export function nextPace(pace: Pace, epoch: Epoch, bounds: PaceBounds): Pace {
  const { limit, before } = pace;
  const restCount = Math.max(0, pace.restCount - 1);
  const attemptCount = epoch.confirmedCount + epoch.failedCount;
  const isChoking = epoch.failedCount >= 2 && epoch.failedCount / attemptCount >= failedShareMax;
  if (epoch.isThrottled || isChoking) {
    const half = Math.max(bounds.min, Math.floor(limit / 2));
    return { limit: half, before: null, restCount: restAfterTrouble };
  }
  const rate = epoch.confirmedBytes / epoch.elapsedMs;
  // A lost part says nothing about the number of connections, and its epoch nothing about the gain.
  if (epoch.failedCount > 0) return { ...pace, restCount };
  if (before !== null && rate < before * gainMin) {
    return { limit: Math.max(bounds.min, limit - 1), before: null, restCount: restAfterNoGain };
  }
  const mayStep = epoch.isBusy && restCount === 0 && limit < bounds.max;
  if (!mayStep) return { limit, before: null, restCount };
  return { limit: limit + 1, before: rate, restCount: 0 };
}
