import { expect, test } from "vitest";
import { type Broker, createBroker } from "../../src/sqs/broker.ts";
import type { Delivery } from "../../src/sqs/queue.ts";
import type { Queue } from "../../src/sqs/queue-state.ts";
import { createManualClock } from "./manual-clock.ts";

function setUp() {
  const clock = createManualClock();
  const broker = createBroker({ clock, region: "us-east-1" });
  const dead = broker.create("Dead", {});
  const redrivePolicy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 };
  const work = broker.create("Work", {
    VisibilityTimeout: "30",
    RedrivePolicy: JSON.stringify(redrivePolicy),
  });
  return { clock, broker, work, dead };
}

/** What a receiver was answered so far; undefined while it waits. */
function poll(broker: Broker, queue: Queue, waitSeconds = 20) {
  const state: { answer: Delivery[] | undefined } = { answer: undefined };
  const done = broker.receive(queue, { countMax: 10, waitSeconds }).then((answer) => {
    state.answer = answer;
  });
  return { state, done };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("a waiting receiver is answered when a message is sent", async () => {
  const { broker, work } = setUp();
  const { state, done } = poll(broker, work);
  await turn();
  expect(state.answer).toBeUndefined();
  broker.send(work, { body: "hello", groupId: null });
  await done;
  expect(state.answer).toMatchObject([{ body: "hello" }]);
});

test("a waiting receiver is answered the moment a delay ends, and not before", async () => {
  const { broker, work, clock } = setUp();
  broker.send(work, { body: "later", groupId: null, delaySeconds: 5 });
  const { state, done } = poll(broker, work);
  clock.advance(4999);
  await turn();
  expect(state.answer).toBeUndefined();
  clock.advance(1);
  await done;
  expect(state.answer).toMatchObject([{ body: "later" }]);
});

test("a wait ends empty after its seconds", async () => {
  const { broker, work, clock } = setUp();
  const { state, done } = poll(broker, work, 20);
  clock.advance(19_999);
  await turn();
  expect(state.answer).toBeUndefined();
  clock.advance(1);
  await done;
  expect(state.answer).toEqual([]);
});

test("of two waiting receivers the first gets the message, the second the next one", async () => {
  const { broker, work } = setUp();
  const first = poll(broker, work);
  const second = poll(broker, work);
  broker.send(work, { body: "1", groupId: null });
  await first.done;
  await turn();
  expect(second.state.answer).toBeUndefined();
  broker.send(work, { body: "2", groupId: null });
  await second.done;
  expect(second.state.answer).toMatchObject([{ body: "2" }]);
});

test("a receiver that has gone takes no message with it", async () => {
  const { broker, work, clock } = setUp();
  const gone = new AbortController();
  const ask = { countMax: 1, waitSeconds: 20, signal: gone.signal };
  const abandoned = broker.receive(work, ask);
  gone.abort();
  expect(await abandoned).toEqual([]);
  broker.send(work, { body: "kept", groupId: null });
  expect(await broker.receive(work, ask)).toEqual([]);
  clock.advance(0);
  expect(await broker.receive(work, { countMax: 1, waitSeconds: 0 })).toMatchObject([
    { body: "kept" },
  ]);
});

test("a message that dies wakes the receiver of the dead-letter queue", async () => {
  const { broker, work, dead, clock } = setUp();
  broker.send(work, { body: "poison", groupId: null });
  await broker.receive(work, { countMax: 1, waitSeconds: 0, visibilitySeconds: 10 });
  // Asked first, so that it is served before the queue in which the message dies.
  const watcher = poll(broker, dead);
  const worker = poll(broker, work);
  clock.advance(9_999);
  await turn();
  expect(watcher.state.answer).toBeUndefined();
  clock.advance(1);
  await watcher.done;
  expect(watcher.state.answer).toMatchObject([
    { body: "poison", deadLetterSourceArn: work.arn, receiveCount: 2 },
  ]);
  await turn();
  expect(worker.state.answer).toBeUndefined();
});

test("a redrive sends dead messages anew to the queue they died in", async () => {
  const { broker, work, dead, clock } = setUp();
  broker.send(work, { body: "again", groupId: "user" });
  const [first] = await broker.receive(work, { countMax: 1, waitSeconds: 0 });
  clock.advance(30_000);
  await broker.receive(work, { countMax: 1, waitSeconds: 0 });
  const task = broker.move({ sourceArn: dead.arn, destinationArn: null });
  expect(task).toMatchObject({ status: "COMPLETED", movedCount: 1, toMoveCount: 1 });
  const [second] = await broker.receive(work, { countMax: 1, waitSeconds: 0 });
  expect(second).toMatchObject({ body: "again", groupId: "user", receiveCount: 1 });
  expect(second?.id).not.toBe(first?.id);
  expect(broker.moveTasks(dead.arn)).toEqual([task]);
});

test("a redrive without a destination fails for a message that never died", () => {
  const { broker, dead, work } = setUp();
  broker.send(dead, { body: "sent here", groupId: null });
  const failed = broker.move({ sourceArn: dead.arn, destinationArn: null });
  expect(failed).toMatchObject({
    status: "FAILED",
    failureReason: "CouldNotDetermineMessageSource",
  });
  expect(broker.move({ sourceArn: dead.arn, destinationArn: work.arn }).movedCount).toBe(1);
});

test("only a dead-letter queue can be redriven", () => {
  const { broker, work } = setUp();
  const move = () => broker.move({ sourceArn: work.arn, destinationArn: null });
  expect(move).toThrow(/must be configured as a Dead Letter Queue/);
});
