/**
 * Speed and time left as a person can read them: renewed every other second at most, always fitting each other, and the
 * time left goes up only when it has clearly become longer. Fed with a speed that is smooth already.
 */
export type Pace = { bytesPerSecond: number; secondsLeft: number | null };

export type PaceMeter = {
  read(now: { bytesPerSecond: number | null; leftBytes: number }): Pace | null;
};

const renewMs = 2_000;
/** Below this the wait is said to be the same, so that "4 min" and "5 min" do not take turns. */
const longerBy = 1.15;

export function createPace(nowMs: () => number): PaceMeter {
  let shown: Pace | null = null;
  let shownAtMs = 0;
  return {
    read: ({ bytesPerSecond, leftBytes }) => {
      if (bytesPerSecond === null) {
        shown = null;
        return null;
      }
      if (shown !== null && nowMs() - shownAtMs < renewMs) return shown;
      // The first moments say little about the rest: a time is given with the second reading.
      const secondsLeft = shown === null ? null : waitOf(shown, bytesPerSecond, leftBytes);
      shown = { bytesPerSecond, secondsLeft };
      shownAtMs = nowMs();
      return shown;
    },
  };
}

function waitOf(before: Pace, bytesPerSecond: number, leftBytes: number): number | null {
  // Nothing moves: any number would be a guess.
  if (bytesPerSecond < 1) return null;
  const seconds = leftBytes / bytesPerSecond;
  const isSame =
    before.secondsLeft !== null &&
    seconds >= before.secondsLeft &&
    seconds <= before.secondsLeft * longerBy;
  return isSame ? before.secondsLeft : seconds;
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
