import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type EventSourceOptions,
  findFailedIds,
  startEventSource,
} from "../../src/lambda/event-source.ts";
import { InvokeRefusedError } from "../../src/lambda/limits.ts";
import { startSqs } from "../../src/sqs/index.ts";

type SqsRecord = { messageId: string; body: string; attributes: Record<string, string> };
type Invocation = { records: SqsRecord[]; answer: (value: unknown, error?: "Unhandled") => void };

const queueArn = "arn:aws:sqs:us-east-1:000000000000:Work";
const visibilitySeconds = 60;

/** A real queue whose time passes by hand, and a function whose answers come by hand. */
async function startWork(overrides: Partial<EventSourceOptions> = {}) {
  const clock = createHandClock();
  const server = await startSqs({ port: 0, region: "us-east-1", clock });
  const sqs = new SQSClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const Attributes = { VisibilityTimeout: String(visibilitySeconds) };
  await sqs.send(new CreateQueueCommand({ QueueName: "Work", Attributes }));
  const queueUrl = server.queueUrl("Work");
  const invocations: Invocation[] = [];
  const problems: string[] = [];
  const source = startEventSource({
    sqs,
    queueUrl,
    queueArn,
    region: "us-east-1",
    batchSize: 10,
    batchWindowSeconds: 0,
    maximumConcurrency: 2,
    partialResponses: true,
    retryDelayMs: 1,
    onProblem: (line) => problems.push(line),
    invoke: (payload) =>
      new Promise((resolve) => {
        const { Records: records } = JSON.parse(payload.toString()) as { Records: SqsRecord[] };
        invocations.push({
          records,
          answer: (value, error) =>
            resolve({ functionError: error ?? null, payload: Buffer.from(JSON.stringify(value)) }),
        });
      }),
    ...overrides,
  });
  onTestFinished(async () => {
    for (const invocation of invocations) invocation.answer(null);
    await source.close();
    await server.close();
  });
  return {
    clock,
    invocations,
    problems,
    source,
    send: (body: string) =>
      sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body })),
    async countLeft() {
      const AttributeNames = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
      ] as const;
      const { Attributes: counts = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] }),
      );
      return AttributeNames.reduce((sum, name) => sum + Number(counts[name]), 0);
    },
    /** The invocation with this index, once it has come. */
    async take(index: number): Promise<Invocation> {
      await expect.poll(() => invocations.length).toBeGreaterThan(index);
      const invocation = invocations[index];
      if (invocation === undefined) throw new Error("unreachable");
      return invocation;
    },
  };
}

describe("startEventSource", () => {
  it("delivers records as Lambda's mapping does and deletes what succeeded", async () => {
    const work = await startWork();
    await work.send("hello");
    const { records, answer } = await work.take(0);
    expect(records).toEqual([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: "hello",
        attributes: expect.objectContaining({
          ApproximateReceiveCount: "1",
          SentTimestamp: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.any(String),
        }),
        messageAttributes: {},
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        eventSource: "aws:sqs",
        eventSourceARN: queueArn,
        awsRegion: "us-east-1",
      },
    ]);
    expect(await work.countLeft()).toBe(1);
    answer(null);
    await expect.poll(() => work.countLeft()).toBe(0);
  });

  it("redelivers after the visibility timeout what a partial response names, and only that", async () => {
    const work = await startWork({ batchSize: 1 });
    await work.send("bad");
    await work.send("good");
    for (const index of [0, 1]) {
      const { records, answer } = await work.take(index);
      const failed = records.filter((record) => record.body === "bad");
      answer({ batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) });
    }
    await expect.poll(() => work.countLeft()).toBe(1);
    work.clock.advance(visibilitySeconds * 1000);
    const { records } = await work.take(2);
    expect(
      records.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount]),
    ).toEqual([["bad", "2"]]);
  });

  it("keeps the batch of a failed invocation for another delivery", async () => {
    const work = await startWork();
    await work.send("x");
    (await work.take(0)).answer({ errorMessage: "boom" }, "Unhandled");
    expect(await work.countLeft()).toBe(1);
    work.clock.advance(visibilitySeconds * 1000);
    (await work.take(1)).answer(null);
    await expect.poll(() => work.countLeft()).toBe(0);
  });

  it("runs no more invocations at once than its maximum concurrency", async () => {
    const work = await startWork({ batchSize: 1, maximumConcurrency: 2 });
    for (const body of ["1", "2", "3"]) await work.send(body);
    await work.take(1);
    expect(work.invocations).toHaveLength(2);
    work.invocations[0]?.answer(null);
    await work.take(2);
  });

  it("leaves messages alone that the function has no concurrency for", async () => {
    const work = await startWork({
      invoke: () =>
        Promise.reject(new InvokeRefusedError("TooManyRequestsException", "Rate Exceeded.")),
    });
    await work.send("x");
    await expect
      .poll(() => work.problems)
      .toEqual([`a batch from ${queueArn} was not taken: Rate Exceeded.`]);
    expect(await work.countLeft()).toBe(1);
  });

  it("stops in the middle of a long poll", async () => {
    const work = await startWork();
    await work.source.close();
    await work.send("too late");
    expect(work.invocations).toEqual([]);
    expect(work.problems).toEqual([]);
  });
});

describe("findFailedIds", () => {
  const ids = ["a", "b"];
  const answer = (value: unknown) => ({
    functionError: null,
    payload: Buffer.from(JSON.stringify(value)),
  });

  it.each([
    [null, []],
    [{}, []],
    [{ batchItemFailures: [] }, []],
    [{ batchItemFailures: null }, []],
    [{ batchItemFailures: [{ itemIdentifier: "b" }] }, ["b"]],
    [{ batchItemFailures: [{ itemIdentifier: "" }] }, ids],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, ids],
    [{ batchItemFailures: [{ wrongKey: "a" }] }, ids],
    [{ batchItemFailures: [{ itemIdentifier: "unknown" }] }, ids],
    ["words", ids],
  ])("after %j, %j stay", (value, expected) => {
    expect([...findFailedIds(ids, answer(value), true)]).toEqual(expected);
  });

  it("ignores the answer where the mapping does not report partial failures", () => {
    const named = answer({ batchItemFailures: [{ itemIdentifier: "a" }] });
    expect([...findFailedIds(ids, named, false)]).toEqual([]);
  });

  it("keeps everything when the invocation failed", () => {
    const failed = { ...answer(null), functionError: "Unhandled" as const };
    expect([...findFailedIds(ids, failed, false)]).toEqual(ids);
  });
});

function createHandClock() {
  let now = Date.UTC(2026, 0, 1);
  const wakes = new Set<{ atMs: number; wake: () => void }>();
  return {
    nowMs: () => now,
    wakeAt(atMs: number, wake: () => void) {
      const entry = { atMs, wake };
      wakes.add(entry);
      return () => void wakes.delete(entry);
    },
    advance(byMs: number) {
      now += byMs;
      for (const entry of [...wakes]) {
        if (entry.atMs > now) continue;
        wakes.delete(entry);
        entry.wake();
      }
    },
  };
}
