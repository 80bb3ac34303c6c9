/** A batch by itself: who is named as failed, and what the log may say about it. */
import type { LogFields } from "@clipcast/core/system";
import { createManualClock, createRecordingLog } from "@clipcast/core/testing";
import { expect, it } from "vitest";
import * as z from "zod";
import { eachMessage } from "../src/batch.ts";
import { sqsEvent } from "./events.ts";

const parse = (body: string) =>
  z.strictObject({ publicationId: z.string() }).parse(JSON.parse(body));
const bodies = (...ids: string[]) => ids.map((id) => JSON.stringify({ publicationId: id }));

type Run = (id: string) => Promise<LogFields> | LogFields;

/** Each message takes 5 ms of the batch's own time. */
async function runBatch(bodiesOfBatch: string[], run: Run) {
  const log = createRecordingLog();
  const clock = createManualClock();
  const answer = await eachMessage(
    sqsEvent(bodiesOfBatch),
    { log, clock },
    {
      name: "work",
      parse,
      async run({ publicationId }) {
        await clock.advance(5);
        return run(publicationId);
      },
    },
  );
  return { answer, log };
}

it("works through a batch in order, names nobody and says what came of each message", async () => {
  const seen: string[] = [];
  const { answer, log } = await runBatch(bodies("1", "2", "3"), (id) => {
    seen.push(id);
    return { result: `done ${id}` };
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual(["1", "2", "3"]);
  expect(log.lines).toEqual(
    seen.map((id) => ({ event: "work", publicationId: id, result: `done ${id}`, durationMs: 5 })),
  );
});

it("names just the messages that failed, and goes on after each", async () => {
  const seen: string[] = [];
  const { answer, log } = await runBatch(bodies("1", "2", "3", "4"), (id) => {
    seen.push(id);
    if (Number(id) % 2 === 0) throw new RangeError("no");
    return {};
  });
  const failed = [{ itemIdentifier: "m-2" }, { itemIdentifier: "m-4" }];
  expect(answer).toEqual({ batchItemFailures: failed });
  expect(seen).toEqual(["1", "2", "3", "4"]);
  expect(log.lines).toMatchObject([
    { event: "work" },
    { event: "message.failed", publicationId: "2", messageId: "m-2", code: "RangeError" },
    { event: "work" },
    { event: "message.failed", messageId: "m-4", code: "RangeError", durationMs: 5 },
  ]);
});

it("waits for one message before it begins the next", async () => {
  let running = 0;
  const peaks: number[] = [];
  await runBatch(bodies("1", "2"), async () => {
    running += 1;
    peaks.push(running);
    await Promise.resolve();
    running -= 1;
    return {};
  });
  expect(peaks).toEqual([1, 1]);
});

it("drops what is not ours, which no delivery would mend, without a word of its content", async () => {
  const token = '{"publicationId":"1","token":"act.x"}';
  const strange = ["", "not json", "null", "[]", '{"publicationId":7}', token];
  const seen: string[] = [];
  const { answer, log } = await runBatch([...strange, ...bodies("7")], (id) => {
    seen.push(id);
    return {};
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(seen).toEqual(["7"]);
  expect(log.lines.slice(0, -1)).toEqual(
    strange.map((_, index) => ({ event: "message.malformed", messageId: `m-${index + 1}` })),
  );
});

it("names a message whose work throws something that is no error", async () => {
  const { answer, log } = await runBatch(bodies("1"), () => Promise.reject("just text"));
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-1" }]);
  expect(log.lines).toMatchObject([{ event: "message.failed", code: "unknown" }]);
});

it("has nothing to say about an empty batch", async () => {
  const { answer, log } = await runBatch([], () => ({}));
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(log.lines).toEqual([]);
});
