import { describe, expect, test } from "vitest";
import * as Queues from "../../src/sqs/queue.ts";
import {
  configure,
  createQueue,
  depth,
  nextChangeAtMs,
  type Queue,
} from "../../src/sqs/queue-state.ts";
import { decodeReceipt, type Receipt } from "../../src/sqs/receipts.ts";
import { defaultSettings, type QueueSettings } from "../../src/sqs/settings.ts";

const startMs = 1_000_000;
const secondMs = 1000;

function makeQueue(settings: Partial<QueueSettings> = {}): Queue {
  const arn = "arn:aws:sqs:us-east-1:000000000000:Work";
  return createQueue({
    name: "Work",
    arn,
    settings: { ...defaultSettings, ...settings },
    nowMs: startMs,
  });
}

function put(
  queue: Queue,
  id: string,
  options: { groupId?: string; atMs?: number; delaySeconds?: number } = {},
) {
  const { groupId = null, atMs = startMs, ...rest } = options;
  return Queues.send(queue, { id, body: `body of ${id}`, groupId, ...rest }, atMs);
}

function take(
  queue: Queue,
  options: { countMax?: number; atMs?: number; visibilitySeconds?: number } = {},
) {
  const { countMax = 10, atMs = startMs, ...rest } = options;
  return Queues.receive(queue, { countMax, ...rest }, atMs);
}

function ids(result: { deliveries: Queues.Delivery[] }): string[] {
  return result.deliveries.map((delivery) => delivery.id);
}

function receiptOf(delivery: Queues.Delivery | undefined): Receipt {
  const receipt = delivery && decodeReceipt(delivery.receiptHandle);
  if (receipt === undefined) {
    throw new Error("nothing was delivered");
  }
  return receipt;
}

describe("visibility", () => {
  test("hides a received message until its visibility runs out, to the millisecond", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    expect(ids(take(queue))).toEqual(["a"]);
    expect(ids(take(queue, { atMs: startMs + 30 * secondMs - 1 }))).toEqual([]);
    const again = take(queue, { atMs: startMs + 30 * secondMs });
    expect(ids(again)).toEqual(["a"]);
    expect(again.deliveries[0]).toMatchObject({ receiveCount: 2, firstReceivedAtMs: startMs });
  });

  test("a visibility of 0 delivers once per receive and keeps the message ready", () => {
    const queue = makeQueue();
    put(queue, "a");
    expect(ids(take(queue, { visibilitySeconds: 0 }))).toEqual(["a"]);
    expect(depth(queue, startMs)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(ids(take(queue))).toEqual(["a"]);
  });

  test("counts a changed visibility from the change, longer or shorter", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    const receipt = receiptOf(take(queue).deliveries[0]);
    const atMs = startMs + 20 * secondMs;
    expect(Queues.changeVisibility(queue, receipt, { seconds: 60, nowMs: atMs })).toBe("changed");
    expect(ids(take(queue, { atMs: atMs + 60 * secondMs - 1 }))).toEqual([]);
    expect(Queues.changeVisibility(queue, receipt, { seconds: 0, nowMs: atMs })).toBe("changed");
    expect(ids(take(queue, { atMs }))).toEqual(["a"]);
  });

  test("refuses to hide a message for more than 12 hours in all", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    const receipt = receiptOf(take(queue).deliveries[0]);
    const nowMs = startMs + secondMs;
    expect(Queues.changeVisibility(queue, receipt, { seconds: 43_200, nowMs })).toBe("beyondLimit");
    expect(Queues.changeVisibility(queue, receipt, { seconds: 43_199, nowMs })).toBe("changed");
  });

  test("cannot change the visibility of a message that is ready again, received again or gone", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    const first = receiptOf(take(queue).deliveries[0]);
    const nowMs = startMs + 30 * secondMs;
    const change = (receipt: Receipt) =>
      Queues.changeVisibility(queue, receipt, { seconds: 5, nowMs });
    expect(change(first)).toBe("notInFlight");
    const second = receiptOf(take(queue, { atMs: nowMs }).deliveries[0]);
    expect(change(first)).toBe("unknown");
    expect(change(second)).toBe("changed");
    Queues.remove(queue, second, nowMs);
    expect(change(second)).toBe("unknown");
  });
});

describe("deleting", () => {
  test("a stale receipt cannot delete what another receiver works on", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    const stale = receiptOf(take(queue).deliveries[0]);
    const atMs = startMs + 30 * secondMs;
    const fresh = receiptOf(take(queue, { atMs }).deliveries[0]);
    expect(Queues.remove(queue, stale, atMs)).toBe(false);
    expect(depth(queue, atMs).inFlight).toBe(1);
    expect(Queues.remove(queue, fresh, atMs)).toBe(true);
    expect(depth(queue, atMs)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test("the latest receipt still deletes after its visibility ran out", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    const receipt = receiptOf(take(queue).deliveries[0]);
    const atMs = startMs + 31 * secondMs;
    expect(depth(queue, atMs).visible).toBe(1);
    expect(Queues.remove(queue, receipt, atMs)).toBe(true);
    expect(ids(take(queue, { atMs }))).toEqual([]);
  });

  test("purging leaves nothing, whatever state it was in", () => {
    const queue = makeQueue();
    put(queue, "flying");
    take(queue);
    put(queue, "ready");
    put(queue, "delayed", { delaySeconds: 5 });
    expect(depth(queue, startMs)).toEqual({ visible: 1, inFlight: 1, delayed: 1 });
    Queues.purge(queue);
    expect(depth(queue, startMs)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(nextChangeAtMs(queue)).toBeNull();
  });
});

describe("time", () => {
  test("delays by the message's own delay, or by the queue's", () => {
    const queue = makeQueue({ delaySeconds: 10 });
    put(queue, "queue's");
    put(queue, "own", { delaySeconds: 3 });
    put(queue, "none", { delaySeconds: 0 });
    expect(ids(take(queue))).toEqual(["none"]);
    expect(ids(take(queue, { atMs: startMs + 3 * secondMs - 1 }))).toEqual([]);
    expect(ids(take(queue, { atMs: startMs + 3 * secondMs }))).toEqual(["own"]);
    expect(ids(take(queue, { atMs: startMs + 10 * secondMs }))).toEqual(["queue's"]);
  });

  test("forgets a message when its retention ends, also if it was received in between", () => {
    const queue = makeQueue({ retentionSeconds: 60, visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    put(queue, "b");
    take(queue, { countMax: 1, atMs: startMs + 29 * secondMs });
    expect(depth(queue, startMs + 60 * secondMs - 1)).toMatchObject({ visible: 2 });
    expect(depth(queue, startMs + 60 * secondMs)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test("a new retention holds for messages that are already waiting", () => {
    const queue = makeQueue({ retentionSeconds: 600 });
    put(queue, "a");
    configure(queue, { ...queue.settings, retentionSeconds: 60 }, startMs);
    expect(depth(queue, startMs + 60 * secondMs).visible).toBe(0);
  });

  test("knows its next change: the soonest of delays, visibilities and expiries", () => {
    const queue = makeQueue({ retentionSeconds: 3600, visibilityTimeoutSeconds: 30 });
    put(queue, "a");
    expect(nextChangeAtMs(queue)).toBe(startMs + 3600 * secondMs);
    take(queue);
    expect(nextChangeAtMs(queue)).toBe(startMs + 30 * secondMs);
    put(queue, "b", { delaySeconds: 5 });
    expect(nextChangeAtMs(queue)).toBe(startMs + 5 * secondMs);
  });
});

describe("dead letters", () => {
  test("a message is dead at the receive after its last one, and keeps its id, age and count", () => {
    const redrive = { targetArn: "arn:dead", receiveCountMax: 2 };
    const queue = makeQueue({ visibilityTimeoutSeconds: 0, redrive });
    put(queue, "a");
    expect(ids(take(queue))).toEqual(["a"]);
    expect(ids(take(queue))).toEqual(["a"]);
    const last = take(queue);
    expect(last.deliveries).toEqual([]);
    const [dead] = last.dead;
    expect(dead).toMatchObject({ id: "a", receiveCount: 2 });
    expect(depth(queue, startMs)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });

    const target = makeQueue({ redrive: { targetArn: "arn:deader", receiveCountMax: 1 } });
    if (dead !== undefined) {
      Queues.adopt(target, dead, queue.arn);
    }
    const [delivery] = take(target, { atMs: startMs + secondMs }).deliveries;
    // SQS counts receives across queues, while the target's own policy starts anew.
    expect(delivery).toMatchObject({
      id: "a",
      receiveCount: 3,
      sentAtMs: startMs,
      deadLetterSourceArn: queue.arn,
    });
  });

  test("a dead message does not use up the room of a living one in the same receive", () => {
    const redrive = { targetArn: "arn:dead", receiveCountMax: 1 };
    const queue = makeQueue({ visibilityTimeoutSeconds: 0, redrive });
    put(queue, "poison");
    take(queue);
    put(queue, "good");
    const result = take(queue, { countMax: 1 });
    expect(ids(result)).toEqual(["good"]);
    expect(result.dead.map((message) => message.id)).toEqual(["poison"]);
  });
});

describe("fairness", () => {
  test("keeps the order of sending within one group and without groups", () => {
    const queue = makeQueue();
    for (const id of ["1", "2", "3"]) {
      put(queue, id);
    }
    expect(ids(take(queue, { countMax: 2 }))).toEqual(["1", "2"]);
    expect(ids(take(queue))).toEqual(["3"]);
  });

  test("a backlog of a hundred does not delay another group's single message", () => {
    const queue = makeQueue();
    for (let n = 0; n < 100; n += 1) {
      put(queue, `noisy${n}`, { groupId: "noisy" });
    }
    expect(ids(take(queue, { countMax: 3 }))).toEqual(["noisy0", "noisy1", "noisy2"]);
    put(queue, "quiet", { groupId: "quiet" });
    expect(ids(take(queue, { countMax: 1 }))).toEqual(["quiet"]);
  });

  test("groups with as many in flight take turns, even one message at a time", () => {
    const queue = makeQueue();
    for (const id of ["a1", "a2", "a3", "b1", "b2"]) {
      put(queue, id, { groupId: id.slice(0, 1) });
    }
    const order: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const [delivery] = take(queue, { countMax: 1 }).deliveries;
      order.push(delivery?.id ?? "");
      Queues.remove(queue, receiptOf(delivery), startMs);
    }
    expect(order).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("a group whose messages come back counts them as in flight no longer", () => {
    const queue = makeQueue({ visibilityTimeoutSeconds: 30 });
    put(queue, "a1", { groupId: "a" });
    put(queue, "a2", { groupId: "a" });
    take(queue);
    const atMs = startMs + 30 * secondMs;
    put(queue, "b1", { groupId: "b", atMs });
    put(queue, "b2", { groupId: "b", atMs });
    expect(ids(take(queue, { atMs }))).toEqual(["b1", "a1", "b2", "a2"]);
  });
});
