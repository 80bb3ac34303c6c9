/**
 * Holding a publication: the lease that lets one relay at a time send bytes and write.
 *
 * ```
 * take ──▶ {owner, fence+1, expires} ── renewed every 10 s, also in the middle of a slow chunk
 *                                      │
 *        released (lease null) ◀───────┼──▶ expired: the process died; the poller sends the message again
 *                                      └──▶ another fence: lost; this holder never writes again
 * ```
 * Each write of a holder is checked against its fence on the record as it is, so a stalled predecessor that wakes up
 * finds a newer fence and stops.
 */
import { assert } from "../errors/index.ts";
import {
  type Command,
  type Event,
  isSettled,
  type Publication,
  revise,
  reviseKnown,
  type StoredPublication,
  transition,
} from "../publications/index.ts";
import type { Clock } from "../system/index.ts";
import type { Key, TableDeps } from "../table/index.ts";
import { isWaiting, turnReason } from "./park.ts";

/** Lease and poller period together stay within the 90 s that a crashed relay may go unnoticed. */
export const leaseMs = 30_000;
/** Three renewals within a lease: two may fail. */
const renewEveryMs = leaseMs / 3;
/** Chunks differ in time; one may take this much longer than the slowest so far. */
const timeMargin = 1.3;

/** Why work stopped before its end. */
export type StopReason = "lost" | "cancelled" | "deadline";

/** Another holder has the publication, or it has ended. Nothing may be written any more. */
export class LeaseLost extends Error {
  constructor() {
    super("the lease is lost");
    this.name = "LeaseLost";
  }
}

export interface Hold {
  key: Key;
  /** The last holder fell silent, so its last chunk is in doubt; if it only sleeps, that may even be still on its way. */
  wasAbandoned: boolean;
  /** The record as this holder last read or wrote it. */
  current(): Publication;
  /** Aborts when the lease is lost, a cancellation is asked for, or the deadline comes. */
  signal: AbortSignal;
  stopReason(): StopReason | null;
  /**
   * To be asked before bytes leave. A holder whose process slept past its lease renews it first, and is told by `signal`
   * when it comes too late; otherwise it sends before its timers have woken. Costs nothing while the lease runs.
   */
  awake(): Promise<void>;
  /** Writes under the fence. Throws `LeaseLost`. */
  revise(change: (publication: Publication) => Publication): Promise<Publication>;
  /** Applies an event of the machine under the fence. Answers the commands that the step owes. */
  step(event: Event): Promise<Command[]>;
  /** Whether a piece of work that took this long the last time is likely to end before the deadline. */
  hasTimeFor(durationMs: number): boolean;
  /** Ends renewal and the deadline's watch; the lease itself is given up by a write that sets it to null. */
  stop(): Promise<void>;
}

/** Bytes are sent no more, somebody else sends them, or their time has not come yet. */
export type Refusal = "settled" | "busy" | "waiting";
export type Taken = { type: "held"; hold: Hold } | { type: "gone" | Refusal };

type HoldDeps = TableDeps & { clock: Clock };

/** Why nobody may take the lease now; null when it is free. A wait for a turn ends with the turn, whenever that comes. */
export function refusalOf(publication: Publication, deps: { clock: Clock }): Refusal | null {
  const { status, lease, waiting } = publication;
  if (status !== "queued" && status !== "relaying") return "settled";
  if (lease !== null && lease.expiresAtMs > deps.clock.nowMs()) return "busy";
  return isWaiting(publication, deps) && waiting?.reason !== turnReason ? "waiting" : null;
}

/** Takes the lease if nobody holds it. */
export async function takeLease(
  deps: HoldDeps,
  key: Key,
  options: { owner: string; deadlineMs: number },
): Promise<Taken> {
  let refusal: Refusal | null = null;
  let wasAbandoned = false;
  const stored = await revise(deps, key, (publication) => {
    refusal = refusalOf(publication, deps);
    if (refusal !== null) return null;
    wasAbandoned = publication.lease !== null;
    const nowMs = deps.clock.nowMs();
    const lease = { owner: options.owner, leaseUntilMs: nowMs + leaseMs };
    const step = transition(publication, { type: "relay-started", ...lease }, nowMs);
    assert(step, "who is not refused begins");
    return step.next;
  });
  if (stored === null) return { type: "gone" };
  if (refusal !== null) return { type: refusal };
  const { deadlineMs } = options;
  return { type: "held", hold: startHold(deps, stored, { deadlineMs, wasAbandoned }) };
}

function startHold(
  deps: HoldDeps,
  stored: StoredPublication,
  { deadlineMs, wasAbandoned }: Pick<Hold, "wasAbandoned"> & { deadlineMs: number },
): Hold {
  const { clock } = deps;
  const { key, value: first } = stored;
  assert(first.lease, "a holder has a lease");
  const { owner } = first.lease;
  const work = new AbortController();
  const watch = new AbortController();
  let leaseUntilMs = first.lease.expiresAtMs;
  let reason: StopReason | null = null;
  let isOver = false;

  const stopWork = (why: StopReason) => {
    reason ??= why;
    // A cancelled holder keeps the lease, because it still has to ask TikTok.
    isOver ||= why !== "cancelled";
    work.abort();
  };
  const writer = createWriter(deps, stored, stopWork);

  const renew = async () => {
    const untilMs = clock.nowMs() + leaseMs;
    const lease = { owner, expiresAtMs: untilMs };
    try {
      await writer.write((publication) =>
        publication.lease === null ? publication : { ...publication, lease, dueAtMs: untilMs },
      );
      leaseUntilMs = untilMs;
    } catch {
      // The table may be briefly out of reach; the lease tells how long that may go on.
      if (clock.nowMs() >= leaseUntilMs) stopWork("lost");
    }
  };
  const renewing = (async () => {
    while (!watch.signal.aborted && !isOver && clock.nowMs() < deadlineMs) {
      await clock.wait(renewEveryMs, watch.signal);
      if (!watch.signal.aborted) await renew();
    }
  })();
  const timing = (async () => {
    await clock.wait(Math.max(0, deadlineMs - clock.nowMs()), watch.signal);
    if (!watch.signal.aborted) stopWork("deadline");
  })();

  return {
    key,
    wasAbandoned,
    current: writer.current,
    signal: work.signal,
    stopReason: () => reason,
    async awake() {
      if (clock.nowMs() >= leaseUntilMs) await renew();
    },
    revise: writer.write,
    async step(event) {
      let commands: Command[] = [];
      await writer.write((publication) => {
        const step = transition(publication, event, clock.nowMs());
        assert(step, `a held publication takes ${event.type}`);
        commands = step.commands;
        return step.next;
      });
      return commands;
    },
    hasTimeFor: (durationMs) => clock.nowMs() + durationMs * timeMargin < deadlineMs,
    async stop() {
      watch.abort();
      await Promise.all([renewing, timing]);
    },
  };
}

/** Fenced writes, one after the other, so that `current` never goes back in time. */
function createWriter(
  deps: HoldDeps,
  first: StoredPublication,
  stopWork: (why: StopReason) => void,
) {
  const { fence } = first.value;
  /** Nobody else writes while it is held, but for a cancellation: so it need not be read before each write. */
  let known = first;
  let tail: Promise<unknown> = Promise.resolve();

  const writeNow = async (change: (publication: Publication) => Publication) => {
    let isOurs = false;
    const stored = await reviseKnown(deps, known, (publication) => {
      isOurs = publication.fence === fence && !isSettled(publication.status);
      return isOurs ? change(publication) : null;
    });
    if (stored === null || !isOurs) {
      stopWork("lost");
      throw new LeaseLost();
    }
    known = stored;
    if (known.value.cancelRequestedAtMs !== null) stopWork("cancelled");
    return known.value;
  };

  return {
    current: () => known.value,
    write(change: (publication: Publication) => Publication): Promise<Publication> {
      const result = tail.then(() => writeNow(change));
      tail = result.catch(() => undefined);
      return result;
    },
  };
}
