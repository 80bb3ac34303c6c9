/** What every `Queue` keeps to: a message arrives with its group, and not before its time. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Queue, queueDelaySecondsMax } from "../../src/system/index.ts";

export interface QueueSubject {
  queue: Queue;
  /** Lets time pass on the clock that the queue goes by. */
  advance(durationMs: number): Promise<void>;
  /** Takes what is visible now off the queue. */
  receive(): Promise<{ body: string; groupId: string }[]>;
  close(): Promise<void>;
}

export function describeQueue(name: string, create: () => Promise<QueueSubject>): void {
  let subject: QueueSubject;
  beforeEach(async () => {
    subject = await create();
  });
  afterEach(() => subject.close());

  describe(`${name}: a message`, () => {
    it("arrives as it was sent, with its group", async () => {
      const body = JSON.stringify({ userId: "Jürgen 🌊", publicationId: "1" });
      await subject.queue.send({ body, groupId: "user-1", delaySeconds: 0 });
      expect(await subject.receive()).toEqual([{ body, groupId: "user-1" }]);
      expect(await subject.receive()).toEqual([]);
    });

    it("stays two when it is sent twice", async () => {
      const message = { body: "{}", groupId: "user-1", delaySeconds: 0 };
      await subject.queue.send(message);
      await subject.queue.send(message);
      const received = [...(await subject.receive()), ...(await subject.receive())];
      expect(received).toHaveLength(2);
    });

    it.each([1, 5, queueDelaySecondsMax])("stays hidden for %i s", async (delaySeconds) => {
      await subject.queue.send({ body: "late", groupId: "user-1", delaySeconds });
      await subject.advance(delaySeconds * 1_000 - 1);
      expect(await subject.receive()).toEqual([]);
      await subject.advance(1);
      expect(await subject.receive()).toEqual([{ body: "late", groupId: "user-1" }]);
    });

    it("counts as waiting from when it is visible until it is taken", async () => {
      await subject.queue.send({ body: "now", groupId: "user-1", delaySeconds: 0 });
      await subject.queue.send({ body: "late", groupId: "user-1", delaySeconds: 5 });
      expect(await subject.queue.waiting()).toBe(1);
      await subject.advance(5_000);
      expect(await subject.queue.waiting()).toBe(2);
      await subject.receive();
      expect(await subject.queue.waiting()).toBe(0);
    });

    it("is refused with a longer delay than SQS knows", async () => {
      const delaySeconds = queueDelaySecondsMax + 1;
      const sent = subject.queue.send({ body: "late", groupId: "user-1", delaySeconds });
      await expect(sent).rejects.toThrow();
      await subject.advance(delaySeconds * 1_000);
      expect(await subject.receive()).toEqual([]);
    });
  });
}
