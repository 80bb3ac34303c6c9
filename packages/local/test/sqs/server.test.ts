import { request } from "node:http";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  MessageNotInflight,
  PurgeQueueCommand,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sqs, startSqs } from "../../src/sqs/index.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

let clock: ManualClock;
let sqs: Sqs;
let client: SQSClient;
let records: { action: string; queue: string; status: number }[];
let onRecord: (record: { status: number }) => void;

beforeEach(async () => {
  clock = createManualClock();
  records = [];
  onRecord = () => {};
  sqs = await startSqs({
    port: 0,
    region: "eu-west-1",
    clock,
    onRequest: (record) => {
      records.push(record);
      onRecord(record);
    },
  });
  client = new SQSClient({
    endpoint: sqs.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await sqs.close();
});

async function create(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const created = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return created.QueueUrl ?? "";
}

describe("queues", () => {
  test("are found by name and URL, and listed by prefix", async () => {
    const url = await create("WorkQueue");
    await create("Other");
    expect(url).toBe(sqs.queueUrl("WorkQueue"));
    const found = await client.send(new GetQueueUrlCommand({ QueueName: "WorkQueue" }));
    expect(found.QueueUrl).toBe(url);
    const listed = await client.send(new ListQueuesCommand({ QueueNamePrefix: "Work" }));
    expect(listed.QueueUrls).toEqual([url]);
  });

  test("that do not exist answer SQS's own error", async () => {
    const send = client.send(new GetQueueUrlCommand({ QueueName: "Missing" }));
    await expect(send).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(send).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      $metadata: { httpStatusCode: 400 },
    });
    expect(records).toEqual([{ action: "GetQueueUrl", queue: "Missing", status: 400 }]);
    expect(() => sqs.depth("Missing")).toThrow("does not exist");
  });

  test("can be created again with the same attributes only", async () => {
    const url = await create("Work", { VisibilityTimeout: "90" });
    expect(await create("Work", { VisibilityTimeout: "90" })).toBe(url);
    await expect(create("Work", { VisibilityTimeout: "91" })).rejects.toBeInstanceOf(
      QueueNameExists,
    );
  });

  test("tell their attributes, and take new ones", async () => {
    const url = await create("Work");
    await client.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: "7" } }),
    );
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const all = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
    );
    expect(all.Attributes).toMatchObject({
      DelaySeconds: "7",
      VisibilityTimeout: "30",
      MaximumMessageSize: "1048576",
      QueueArn: "arn:aws:sqs:eu-west-1:000000000000:Work",
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    const one = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
    );
    expect(Object.keys(one.Attributes ?? {})).toEqual(["QueueArn"]);
  });

  test.each([
    ["Unknown", { Unknown: "1" }, "InvalidAttributeName"],
    ["a FIFO queue", { FifoQueue: "true" }, "InvalidAttributeName"],
    ["too long a delay", { DelaySeconds: "901" }, "InvalidAttributeValue"],
    ["no number", { VisibilityTimeout: "soon" }, "InvalidAttributeValue"],
    ["a bad policy", { RedrivePolicy: '{"maxReceiveCount":0}' }, "InvalidAttributeValue"],
    [
      "a missing dead-letter queue",
      { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:x:0:No","maxReceiveCount":"3"}' },
      "InvalidParameterValue",
    ],
  ])("refuse %s", async (_title, attributes, name) => {
    await expect(create("Work", attributes)).rejects.toMatchObject({ name });
  });

  test("refuse a FIFO name", async () => {
    await expect(create("Work.fifo")).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });
});

describe("messages", () => {
  test("travel with a body the SDK has verified, and with the attributes asked for", async () => {
    const url = await create("Work");
    const sentAtMs = clock.nowMs();
    const sent = await client.send(
      new SendMessageCommand({ QueueUrl: url, MessageBody: "größe 🎬", MessageGroupId: "user-1" }),
    );
    clock.advance(1234);
    const received = await client.send(
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
    expect(sqs.depth("Work")).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    const [message] = received.Messages ?? [];
    await client.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }),
    );
    expect(sqs.depth("Work")).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test("an empty receive answers no list at all", async () => {
    const url = await create("Work");
    const received = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(received.Messages).toBeUndefined();
  });

  test("a long poll is answered the moment a message comes back", async () => {
    const url = await create("Work", { VisibilityTimeout: "30" });
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const first = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    const polling = client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        WaitTimeSeconds: 20,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      }),
    );
    await clock.asked();
    const [message] = first.Messages ?? [];
    await client.send(
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
    const url = await create("Work");
    const hangUp = new AbortController();
    const ask = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
    const polling = client.send(ask, { abortSignal: hangUp.signal });
    await clock.asked();
    const gone = new Promise<void>((resolve) => {
      onRecord = ({ status }) => status === 499 && resolve();
    });
    hangUp.abort();
    await expect(polling).rejects.toMatchObject({ name: "AbortError" });
    await gone;
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "kept" }));
    const next = await client.send(ask);
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
    const url = await create("Work");
    const send = client.send(new SendMessageCommand({ QueueUrl: url, ...input }));
    await expect(send).rejects.toMatchObject({ name });
    expect(sqs.depth("Work").visible).toBe(0);
  });

  test("a body of exactly 1 MiB is accepted", async () => {
    const url = await create("Work");
    const body = '"'.repeat(1_048_576);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    const received = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(received.Messages?.[0]?.Body).toBe(body);
  });

  test("receipts: garbage is refused, a spent one succeeds without effect", async () => {
    const url = await create("Work", { VisibilityTimeout: "30" });
    const remove = (handle: string | undefined) =>
      client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
    await expect(remove("garbage")).rejects.toBeInstanceOf(ReceiptHandleIsInvalid);
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const { Messages: [first] = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url }),
    );
    clock.advance(30_000);
    const extend = client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 5,
      }),
    );
    await expect(extend).rejects.toBeInstanceOf(MessageNotInflight);
    const { Messages: [second] = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url }),
    );
    await remove(first?.ReceiptHandle);
    expect(sqs.depth("Work").inFlight).toBe(1);
    await remove(second?.ReceiptHandle);
    await remove(second?.ReceiptHandle);
    expect(sqs.depth("Work").inFlight).toBe(0);
  });
});

describe("batches", () => {
  test("a bad entry fails alone", async () => {
    const url = await create("Work");
    const sent = await client.send(
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
    const received = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    const removed = await client.send(
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
    const url = await create("Work");
    const send = client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    await expect(send).rejects.toMatchObject({ name });
    expect(sqs.depth("Work").visible).toBe(0);
  });
});

test("dead letters arrive in their queue and can be sent back", async () => {
  await create("Dead");
  const deadArn = "arn:aws:sqs:eu-west-1:000000000000:Dead";
  const policy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: "1" });
  const url = await create("Work", { RedrivePolicy: policy, VisibilityTimeout: "0" });
  await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "poison" }));
  await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
  await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
  expect(sqs.depth("Dead").visible).toBe(1);
  await client.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
  expect(sqs.depth("Dead").visible).toBe(0);
  expect(sqs.depth("Work").visible).toBe(1);
  const tasks = await client.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
  expect(tasks.Results).toMatchObject([
    { Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 },
  ]);
  await client.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(sqs.depth("Work").visible).toBe(0);
});

describe("the server", () => {
  test("closes at once, also while a receiver waits", async () => {
    const url = await create("Work");
    const polling = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
    const ended = polling.then(
      () => "ended",
      () => "ended",
    );
    await clock.asked();
    await sqs.close();
    expect(await ended).toBe("ended");
  });

  test("says so when its port is taken", async () => {
    const second = startSqs({ port: sqs.port, region: "eu-west-1" });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test.each([
    ["another Host", { host: "evil.example" }, 403],
    ["an unknown action", { "x-amz-target": "AmazonSQS.Nothing" }, 400],
    ["no action", {}, 400],
  ])("refuses %s", async (_title, headers, status) => {
    expect(await post({ ...headers })).toBe(status);
  });

  test("refuses a body beyond its bound", async () => {
    const headers = { "x-amz-target": "AmazonSQS.SendMessage" };
    expect(await post(headers, Buffer.alloc(9 * 1024 * 1024, 0x20))).toBe(413);
  });
});

/** A bare request, for what the SDK would never send. */
function post(headers: Record<string, string>, body: Buffer = Buffer.from("{}")): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(sqs.url, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
