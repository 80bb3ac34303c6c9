/**
 * Who is next: the ready messages of one queue, in one lane per message group.
 *
 * Promises what SQS calls fair queues: a group with a long backlog or many messages in flight does not delay the
 * others. The lane with the fewest messages in flight goes first; among equals the one that was served longest ago;
 * within a lane the order of becoming ready. SQS reorders only once a group is "noisy" (over 10 % of consumer time,
 * or of the messages in flight and at least 30), while this rule always holds, because a local run has too few
 * messages to cross such thresholds and what must be fair there must be fair here.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 *
 * SQS treats each message without a group as a tenant of its own: they share one lane here, which never counts as
 * having messages in flight.
 */

export type Laned = { readonly groupId: string | null };

type Lane<T> = { ready: Set<T>; inFlightCount: number; servedNumber: number };

export type Lanes<T extends Laned> = { byGroup: Map<string | null, Lane<T>>; servedCount: number };

export function createLanes<T extends Laned>(): Lanes<T> {
  return { byGroup: new Map(), servedCount: 0 };
}

/** The message can be received from now on, after those of its group that already can. */
export function add<T extends Laned>(lanes: Lanes<T>, message: T): void {
  const lane = lanes.byGroup.get(message.groupId) ?? {
    ready: new Set<T>(),
    inFlightCount: 0,
    servedNumber: 0,
  };
  lane.ready.add(message);
  lanes.byGroup.set(message.groupId, lane);
}

/** A ready message was deleted or has expired. */
export function discard<T extends Laned>(lanes: Lanes<T>, message: T): void {
  lanes.byGroup.get(message.groupId)?.ready.delete(message);
  forgetIfEmpty(lanes, message.groupId);
}

/** Takes the next message in fair order; it counts as in flight until `release`. */
export function take<T extends Laned>(lanes: Lanes<T>): T | undefined {
  let next: Lane<T> | undefined;
  for (const lane of lanes.byGroup.values()) {
    if (lane.ready.size > 0 && (next === undefined || isBefore(lane, next))) {
      next = lane;
    }
  }
  if (next === undefined) {
    return undefined;
  }
  const [message] = next.ready;
  if (message !== undefined) {
    next.ready.delete(message);
    next.inFlightCount += message.groupId === null ? 0 : 1;
    lanes.servedCount += 1;
    next.servedNumber = lanes.servedCount;
  }
  return message;
}

/** A message that was taken has left its consumer: deleted, timed out or given back. */
export function release<T extends Laned>(lanes: Lanes<T>, message: T): void {
  const lane = lanes.byGroup.get(message.groupId);
  if (lane !== undefined && message.groupId !== null) {
    lane.inFlightCount -= 1;
  }
  forgetIfEmpty(lanes, message.groupId);
}

function isBefore<T>(a: Lane<T>, b: Lane<T>): boolean {
  return a.inFlightCount === b.inFlightCount
    ? a.servedNumber < b.servedNumber
    : a.inFlightCount < b.inFlightCount;
}

function forgetIfEmpty<T extends Laned>(lanes: Lanes<T>, groupId: string | null): void {
  const lane = lanes.byGroup.get(groupId);
  if (lane !== undefined && lane.ready.size === 0 && lane.inFlightCount === 0) {
    lanes.byGroup.delete(groupId);
  }
}
