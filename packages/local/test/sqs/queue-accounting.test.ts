/** Thousands of random operations: whatever happens, no message is lost, doubled or miscounted. */
import { expect, test } from "vitest";
import * as Queues from "../../src/sqs/queue.ts";
import { createQueue, depth } from "../../src/sqs/queue-state.ts";
import { decodeReceipt, type Receipt } from "../../src/sqs/receipts.ts";
import { defaultSettings } from "../../src/sqs/settings.ts";

/** mulberry32: a small seeded generator, so that a failure can be repeated by its seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

test.each([1, 2, 3, 4, 5])("every message is somewhere, exactly once (seed %i)", (seed) => {
  const random = createRandom(seed);
  const redrive = { targetArn: "arn:dead", receiveCountMax: 4 };
  const settings = { ...defaultSettings, visibilityTimeoutSeconds: 5, redrive };
  const queue = createQueue({ name: "Work", arn: "arn:work", settings, nowMs: 0 });
  const living = new Set<string>();
  const receipts: Receipt[] = [];
  let nowMs = 0;

  for (let step = 0; step < 2000; step += 1) {
    const choice = random(10);
    const receipt = receipts[random(Math.max(receipts.length, 1))];
    if (choice < 3) {
      const groupId = random(3) === 0 ? null : `group${random(4)}`;
      Queues.send(queue, { id: `m${step}`, body: "x", groupId, delaySeconds: random(3) }, nowMs);
      living.add(`m${step}`);
    } else if (choice < 6) {
      const result = Queues.receive(queue, { countMax: 1 + random(10) }, nowMs);
      for (const delivery of result.deliveries) {
        receipts.push(decodeReceipt(delivery.receiptHandle) as Receipt);
      }
      for (const dead of result.dead) {
        expect(living.delete(dead.id)).toBe(true);
      }
      expect(new Set(result.deliveries.map(({ id }) => id)).size).toBe(result.deliveries.length);
    } else if (choice < 8 && receipt !== undefined) {
      if (Queues.remove(queue, receipt, nowMs)) {
        expect(living.delete(receipt.messageId)).toBe(true);
      }
    } else if (choice < 9 && receipt !== undefined) {
      Queues.changeVisibility(queue, receipt, { seconds: random(8), nowMs });
    } else {
      nowMs += random(3000);
    }
    const { visible, inFlight, delayed } = depth(queue, nowMs);
    expect(visible + inFlight + delayed).toBe(living.size);
    expect(queue.deadlines.length).toBe(living.size);
  }

  // Once nobody holds anything, what lives can be received, and the lanes have forgotten all that was in flight.
  nowMs += 10_000;
  expect(depth(queue, nowMs)).toEqual({ visible: living.size, inFlight: 0, delayed: 0 });
  for (const lane of queue.lanes.byGroup.values()) {
    expect(lane.inFlightCount).toBe(0);
    expect(lane.ready.size).toBeGreaterThan(0);
  }
  Queues.purge(queue);
  expect(queue.lanes.byGroup.size).toBe(0);
});
