/** A batch by itself: who is named as failed, and what the log may say about it. */
import { createRecordingLog } from "@clipcast/core/testing";
import { expect, it } from "vitest";
import * as z from "zod";
import { eachMessage } from "../src/batch.ts";
import { sqsEvent } from "./events.ts";

const parse = (body: string) => z.strictObject({ id: z.number() }).parse(JSON.parse(body));
const bodies = (...ids: number[]) => ids.map((id) => JSON.stringify({ id }));

it("works through a batch in order and names nobody", async () => {
  const log = createRecordingLog();
  const seen: number[] = [];
  const answer = await eachMessage(sqsEvent(bodies(1, 2, 3)), log, parse, async ({ id }) => {
    seen.push(id);
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual([1, 2, 3]);
  expect(log.lines).toEqual([]);
});

it("names just the messages that failed, and goes on after each", async () => {
  const log = createRecordingLog();
  const seen: number[] = [];
  const answer = await eachMessage(sqsEvent(bodies(1, 2, 3, 4)), log, parse, async ({ id }) => {
    seen.push(id);
    if (id % 2 === 0) throw new RangeError("no");
  });
  const failed = [{ itemIdentifier: "m-2" }, { itemIdentifier: "m-4" }];
  expect(answer).toEqual({ batchItemFailures: failed });
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(log.lines).toMatchObject([
    { event: "message.failed", messageId: "m-2", error: "RangeError" },
    { event: "message.failed", messageId: "m-4", error: "RangeError" },
  ]);
});

it("waits for one message before it begins the next", async () => {
  let running = 0;
  const peaks: number[] = [];
  await eachMessage(sqsEvent(bodies(1, 2)), createRecordingLog(), parse, async () => {
    running += 1;
    peaks.push(running);
    await Promise.resolve();
    running -= 1;
  });
  expect(peaks).toEqual([1, 1]);
});

it("drops what is not ours, which no delivery would mend, without a word of its content", async () => {
  const log = createRecordingLog();
  const strange = ["", "not json", "null", "[]", '{"id":"act.secret"}', '{"id":1,"token":"act.x"}'];
  const seen: number[] = [];
  const event = sqsEvent([...strange, ...bodies(7)]);
  const answer = await eachMessage(event, log, parse, async ({ id }) => {
    seen.push(id);
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual([7]);
  expect(log.lines).toEqual(
    strange.map((_, index) => ({ event: "message.malformed", messageId: `m-${index + 1}` })),
  );
});

it("names a message whose work throws something that is no error", async () => {
  const log = createRecordingLog();
  const thrown = () => Promise.reject("just text");
  const answer = await eachMessage(sqsEvent(bodies(1)), log, parse, thrown);
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-1" }]);
  expect(log.lines).toMatchObject([{ event: "message.failed", error: "unknown" }]);
});

it("has nothing to say about an empty batch", async () => {
  const answer = await eachMessage(
    sqsEvent([]),
    createRecordingLog(),
    parse,
    async () => undefined,
  );
  expect(answer).toEqual({ batchItemFailures: [] });
});
