import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  MessageNotInflight,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalSqs, startLocalSqs } from "./local-sqs.ts";

let local: LocalSqs;

beforeEach(async () => {
  local = await startLocalSqs();
});

afterEach(() => local.dispose());

describe("messages", () => {
  test("travel with a body the SDK has verified, and with the attributes asked for", async () => {
    const url = await local.create("Work");
    const sentAtMs = local.clock.nowMs();
    const sent = await local.client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: "größe 🎬", MessageGroupId: "user-1" }),
    );
    local.clock.advance(1234);
    const received = await local.client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ["All"] }),
    );
    expect(received.Messages).toMatchObject([
      {
        MessageId: sent.MessageId,
        Body: "größe 🎬",
        Attributes: {
          ApproximateReceiveCount: "1",
          SentTimestamp: String(sentAtMs),
          ApproximateFirstReceiveTimestamp: String(sentAtMs + 1234),
          MessageGroupId: "user-1",
        },
      },
    ]);
    expect(local.sqs.depth("Work")).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    const [message] = received.Messages ?? [];
    await local.client.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }),
    );
    expect(local.sqs.depth("Work")).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test("an empty receive answers no list at all", async () => {
    const url = await local.create("Work");
    const received = await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(received.Messages).toBeUndefined();
  });

  test("a long poll is answered the moment a message comes back", async () => {
    const url = await local.create("Work", { VisibilityTimeout: "30" });
    await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const first = await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    const polling = local.client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        WaitTimeSeconds: 20,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    await local.clock.asked();
    const [message] = first.Messages ?? [];
    await local.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    expect((await polling).Messages).toMatchObject([
      { Body: "x", Attributes: { ApproximateReceiveCount: "2" } },
    ]);
  });

  test("a receiver that hangs up leaves the message to the next one", async () => {
    const url = await local.create("Work");
    const hangUp = new AbortController();
    const ask = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
    const polling = local.client.send(ask, { abortSignal: hangUp.signal });
    await local.clock.asked();
    const gone = local.reported(499);
    hangUp.abort();
    await expect(polling).rejects.toMatchObject({ name: "AbortError" });
    await gone;
    await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "kept" }));
    const next = await local.client.send(ask);
    expect(next.Messages).toMatchObject([{ Body: "kept" }]);
  });

  test.each([
    ["too long a body", { MessageBody: "x".repeat(1_048_577) }, "InvalidParameterValue"],
    ["an empty body", { MessageBody: "" }, "InvalidParameterValue"],
    ["no body", { MessageBody: undefined }, "MissingParameter"],
    ["characters outside XML's", { MessageBody: "\u0000" }, "InvalidMessageContents"],
    ["too long a delay", { MessageBody: "x", DelaySeconds: 901 }, "InvalidParameterValue"],
    ["a bad group", { MessageBody: "x", MessageGroupId: "a b" }, "InvalidParameterValue"],
    [
      "message attributes",
      { MessageBody: "x", MessageAttributes: { a: { DataType: "String", StringValue: "b" } } },
      "InvalidParameterValue",
    ],
    [
      "a deduplication id",
      { MessageBody: "x", MessageDeduplicationId: "1" },
      "InvalidParameterValue",
    ],
  ])("refuse %s", async (_title, input, name) => {
    const url = await local.create("Work");
    const send = local.client.send(new SendMessageCommand({ QueueUrl: url, ...input }));
    await expect(send).rejects.toMatchObject({ name });
    expect(local.sqs.depth("Work").visible).toBe(0);
  });

  test("a body of exactly 1 MiB is accepted", async () => {
    const url = await local.create("Work");
    const body = '"'.repeat(1_048_576);
    await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    const received = await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(received.Messages?.[0]?.Body).toBe(body);
  });

  test("receipts: garbage is refused, a spent one succeeds without effect", async () => {
    const url = await local.create("Work", { VisibilityTimeout: "30" });
    const remove = (handle: string | undefined) =>
      local.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
    await expect(remove("garbage")).rejects.toBeInstanceOf(ReceiptHandleIsInvalid);
    await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const { Messages: [first] = [] } = await local.client.send(
      new ReceiveMessageCommand({ QueueUrl: url }),
    );
    local.clock.advance(30_000);
    const extend = local.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 5,
      }),
    );
    await expect(extend).rejects.toBeInstanceOf(MessageNotInflight);
    const { Messages: [second] = [] } = await local.client.send(
      new ReceiveMessageCommand({ QueueUrl: url }),
    );
    await remove(first?.ReceiptHandle);
    expect(local.sqs.depth("Work").inFlight).toBe(1);
    await remove(second?.ReceiptHandle);
    await remove(second?.ReceiptHandle);
    expect(local.sqs.depth("Work").inFlight).toBe(0);
  });
});

describe("batches", () => {
  test("a bad entry fails alone", async () => {
    const url = await local.create("Work");
    const sent = await local.client.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: "good", MessageBody: "x", MessageGroupId: "g" },
          { Id: "bad", MessageBody: "x", DelaySeconds: 901 },
        ],
      }),
    );
    expect(sent.Successful).toMatchObject([{ Id: "good" }]);
    expect(sent.Failed).toMatchObject([
      { Id: "bad", SenderFault: true, Code: "InvalidParameterValue" },
    ]);
    const received = await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    const removed = await local.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: "1", ReceiptHandle: received.Messages?.[0]?.ReceiptHandle },
          { Id: "2", ReceiptHandle: "garbage" },
        ],
      }),
    );
    expect(removed.Successful).toMatchObject([{ Id: "1" }]);
    expect(removed.Failed).toMatchObject([{ Id: "2", Code: "ReceiptHandleIsInvalid" }]);
  });

  const entry = (id: string) => ({ Id: id, MessageBody: "x" });
  test.each([
    ["empty", [], "EmptyBatchRequest"],
    [
      "eleven",
      Array.from({ length: 11 }, (_, n) => entry(`e${n}`)),
      "TooManyEntriesInBatchRequest",
    ],
    ["twice the same id", [entry("a"), entry("a")], "BatchEntryIdsNotDistinct"],
    ["a bad id", [entry("a b")], "InvalidBatchEntryId"],
    [
      "more than 1 MiB together",
      ["a", "b"].map((id) => ({ Id: id, MessageBody: "x".repeat(600_000) })),
      "BatchRequestTooLong",
    ],
  ])("%s is refused as a whole", async (_title, entries, name) => {
    const url = await local.create("Work");
    const send = local.client.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }),
    );
    await expect(send).rejects.toMatchObject({ name });
    expect(local.sqs.depth("Work").visible).toBe(0);
  });
});
