/**
 * Progress that a person can trust: sent bytes never go back, and neither speed nor time left jump or freeze.
 *
 * Bytes leave in bursts, because sockets swallow what they can at once, so the speed is averaged twice over, about the last
 * ten seconds weighted towards now. The time left counts down like a clock and leans towards what the speed says. A
 * part that failed half-way takes its bytes back, which is true and looks broken, so `sentBytes` waits at its highest
 * value until it is reached again.
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
  /** An attempt broke after so many bytes. */
  broke(bytes: number): void;
  read(at: { nowMs: number; confirmedBytes: number; inFlightBytes: number }): Progress;
  /** Forgets the speed, as after a pause. */
  restart(nowMs: number): void;
};

const speedWindowMs = 5_000;
const timeLeftWindowMs = 10_000;
/** Off by as much as this, the time left is wrong rather than rough, and is put right at once. */
const farOffFactor = 2;
/** Sockets swallow a first burst at once, so the first moments say nothing about the link. */
const settleMs = 1_000;
const stepMsMin = 200;

export function createMeter(totalBytes: number, startMs: number): Meter {
  let highestSentBytes = 0;
  let resentBytes = 0;
  let movedBytes = 0;
  let startedMs = startMs;
  let steppedMs = startMs;
  let rough = createAverage();
  let smooth = createAverage();
  let secondsLeft: number | null = null;

  const step = (nowMs: number, leftBytes: number) => {
    const elapsedMs = nowMs - steppedMs;
    if (elapsedMs < stepMsMin) return;
    const bytesPerSecond =
      smooth.add(rough.add(movedBytes / elapsedMs, elapsedMs), elapsedMs) * 1000;
    movedBytes = 0;
    steppedMs = nowMs;
    if (nowMs - startedMs < settleMs || bytesPerSecond < 1) {
      secondsLeft = null;
      return;
    }
    const told = leftBytes / bytesPerSecond;
    const expected = secondsLeft === null ? told : Math.max(0, secondsLeft - elapsedMs / 1000);
    const isFarOff = Math.max(told, expected) > farOffFactor * Math.min(told, expected);
    const lean = isFarOff ? 1 : 1 - Math.exp(-elapsedMs / timeLeftWindowMs);
    secondsLeft = expected + (told - expected) * lean;
  };

  return {
    moved: (bytes) => {
      movedBytes += bytes;
    },
    broke: (bytes) => {
      resentBytes += bytes;
    },
    read: ({ nowMs, confirmedBytes, inFlightBytes }) => {
      step(nowMs, totalBytes - confirmedBytes - inFlightBytes);
      highestSentBytes = Math.max(highestSentBytes, confirmedBytes + inFlightBytes);
      const average = steppedMs - startedMs >= settleMs ? smooth.value : null;
      return {
        sentBytes: highestSentBytes,
        confirmedBytes,
        totalBytes,
        resentBytes,
        bytesPerSecond: average === null ? null : average * 1000,
        secondsLeft,
      };
    },
    restart: (nowMs) => {
      movedBytes = 0;
      startedMs = nowMs;
      steppedMs = nowMs;
      rough = createAverage();
      smooth = createAverage();
      secondsLeft = null;
    },
  };
}

/** An exponentially weighted average over time. Its weights so far divide it: the first values are right, not slow. */
function createAverage() {
  let sum = 0;
  let weight = 0;
  return {
    get value(): number | null {
      return weight === 0 ? null : sum / weight;
    },
    add: (value: number, elapsedMs: number): number => {
      const keep = Math.exp(-elapsedMs / speedWindowMs);
      sum = sum * keep + value * (1 - keep);
      weight = weight * keep + (1 - keep);
      return sum / weight;
    },
  };
}
