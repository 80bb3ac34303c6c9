/**
 * Progress that a person can trust: sent bytes never go back, and the speed neither jumps nor freezes.
 *
 * The speed is an average over about the last eight seconds, weighted towards now. A part that failed half-way takes its
 * bytes back, which is true and looks broken, so `sentBytes` waits at its highest value until it is reached again.
 */
export type Progress = {
  /** Handed to the network, confirmed or not. */
  sentBytes: number;
  /** In parts that storage has confirmed; these are never sent again. */
  confirmedBytes: number;
  totalBytes: number;
  /** Sent in attempts that broke, so that they travel again. */
  resentBytes: number;
  /** Null until there is something to average. */
  bytesPerSecond: number | null;
  /** Null while unknown, or while nothing moves. */
  secondsLeft: number | null;
};

export type Meter = {
  /** Bytes that left since the last call, repeated ones included. */
  moved(bytes: number): void;
  read(at: { nowMs: number; confirmedBytes: number; inFlightBytes: number }): Progress;
  /** Forgets the speed, as after a pause. */
  restart(nowMs: number): void;
};

const windowMs = 8_000;
/** Sockets swallow a first burst at once, so the first moments say nothing about the link. */
const settleMs = 1_000;
const stepMsMin = 200;

export function createMeter(totalBytes: number, startMs: number): Meter {
  let highestSentBytes = 0;
  let movedBytes = 0;
  let startedMs = startMs;
  let steppedMs = startMs;
  let averageBytesPerMs = 0;
  let weight = 0;

  const step = (nowMs: number) => {
    const elapsedMs = nowMs - steppedMs;
    if (elapsedMs < stepMsMin) return;
    const keep = Math.exp(-elapsedMs / windowMs);
    averageBytesPerMs = averageBytesPerMs * keep + (movedBytes / elapsedMs) * (1 - keep);
    // The weights so far; dividing by it makes the first seconds right instead of slow.
    weight = weight * keep + (1 - keep);
    movedBytes = 0;
    steppedMs = nowMs;
  };

  return {
    moved: (bytes) => {
      movedBytes += bytes;
    },
    read: ({ nowMs, confirmedBytes, inFlightBytes }) => {
      step(nowMs);
      highestSentBytes = Math.max(highestSentBytes, confirmedBytes + inFlightBytes);
      const isKnown = nowMs - startedMs >= settleMs && weight > 0;
      const bytesPerSecond = isKnown ? (averageBytesPerMs / weight) * 1000 : null;
      const leftBytes = totalBytes - confirmedBytes - inFlightBytes;
      const isMoving = bytesPerSecond !== null && bytesPerSecond >= 1;
      return {
        sentBytes: highestSentBytes,
        confirmedBytes,
        totalBytes,
        resentBytes: 0,
        bytesPerSecond,
        secondsLeft: isMoving ? leftBytes / bytesPerSecond : null,
      };
    },
    restart: (nowMs) => {
      movedBytes = 0;
      startedMs = nowMs;
      steppedMs = nowMs;
      averageBytesPerMs = 0;
      weight = 0;
    },
  };
}
