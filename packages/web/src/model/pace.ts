/**
 * Speed and time left as a person can read them: renewed every other second at most, and the time left goes up only when
 * it has clearly become longer. Fed with an average that is smooth already.
 */
export type Pace = { bytesPerSecond: number; secondsLeft: number | null };

export type PaceMeter = {
  read(now: { bytesPerSecond: number | null; secondsLeft: number | null }): Pace | null;
};

const renewMs = 2_000;
/** Below this the wait is said to be the same, so that "4 min" and "5 min" do not take turns. */
const longerBy = 1.15;

export function createPace(nowMs: () => number): PaceMeter {
  let shown: Pace | null = null;
  let shownAtMs = 0;
  return {
    read: ({ bytesPerSecond, secondsLeft }) => {
      if (bytesPerSecond === null) {
        shown = null;
        return null;
      }
      if (shown !== null && nowMs() - shownAtMs < renewMs) return shown;
      const before = shown?.secondsLeft ?? null;
      const isSame = before !== null && secondsLeft !== null && secondsLeft >= before;
      const isLonger = isSame && secondsLeft > before * longerBy;
      shown = { bytesPerSecond, secondsLeft: isSame && !isLonger ? before : secondsLeft };
      shownAtMs = nowMs();
      return shown;
    },
  };
}

/** The way to TikTok is seen from afar, every few seconds: its pace is the average since it was first seen. */
export function paceBetween(
  first: { atMs: number; bytes: number },
  last: { atMs: number; bytes: number },
  totalBytes: number,
): Pace | null {
  const elapsedMs = last.atMs - first.atMs;
  const movedBytes = last.bytes - first.bytes;
  if (elapsedMs < renewMs || movedBytes <= 0) return null;
  const bytesPerSecond = (movedBytes / elapsedMs) * 1000;
  return { bytesPerSecond, secondsLeft: (totalBytes - last.bytes) / bytesPerSecond };
}
