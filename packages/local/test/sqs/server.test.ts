import { request } from "node:http";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSqs } from "../../src/sqs/index.ts";
import { type LocalSqs, startLocalSqs } from "./local-sqs.ts";

let local: LocalSqs;

beforeEach(async () => {
  local = await startLocalSqs();
});

afterEach(() => local.dispose());

describe("queues", () => {
  test("are found by name and URL, and listed by prefix", async () => {
    const url = await local.create("WorkQueue");
    await local.create("Other");
    expect(url).toBe(local.sqs.queueUrl("WorkQueue"));
    const found = await local.client.send(new GetQueueUrlCommand({ QueueName: "WorkQueue" }));
    expect(found.QueueUrl).toBe(url);
    const listed = await local.client.send(new ListQueuesCommand({ QueueNamePrefix: "Work" }));
    expect(listed.QueueUrls).toEqual([url]);
  });

  test("that do not exist answer SQS's own error", async () => {
    const send = local.client.send(new GetQueueUrlCommand({ QueueName: "Missing" }));
    await expect(send).rejects.toBeInstanceOf(QueueDoesNotExist);
    await expect(send).rejects.toMatchObject({
      name: "QueueDoesNotExist",
      $metadata: { httpStatusCode: 400 },
    });
    expect(local.records).toEqual([{ action: "GetQueueUrl", queue: "Missing", status: 400 }]);
    expect(() => local.sqs.depth("Missing")).toThrow("does not exist");
  });

  test("can be created again with the same attributes only", async () => {
    const url = await local.create("Work", { VisibilityTimeout: "90" });
    expect(await local.create("Work", { VisibilityTimeout: "90" })).toBe(url);
    await expect(local.create("Work", { VisibilityTimeout: "91" })).rejects.toBeInstanceOf(
      QueueNameExists,
    );
  });

  test("tell their attributes, and take new ones", async () => {
    const url = await local.create("Work");
    await local.client.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: "7" } }),
    );
    await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
    const all = await local.client.send(
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
    const one = await local.client.send(
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
    await expect(local.create("Work", attributes)).rejects.toMatchObject({ name });
  });

  test("refuse a FIFO name", async () => {
    await expect(local.create("Work.fifo")).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
  });
});

test("dead letters arrive in their queue and can be sent back", async () => {
  await local.create("Dead");
  const deadArn = "arn:aws:sqs:eu-west-1:000000000000:Dead";
  const policy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: "1" });
  const url = await local.create("Work", { RedrivePolicy: policy, VisibilityTimeout: "0" });
  await local.client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "poison" }));
  await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
  await local.client.send(new ReceiveMessageCommand({ QueueUrl: url }));
  expect(local.sqs.depth("Dead").visible).toBe(1);
  await local.client.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
  expect(local.sqs.depth("Dead").visible).toBe(0);
  expect(local.sqs.depth("Work").visible).toBe(1);
  const tasks = await local.client.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
  expect(tasks.Results).toMatchObject([
    { Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 },
  ]);
  await local.client.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(local.sqs.depth("Work").visible).toBe(0);
});

describe("the server", () => {
  test("closes at once, also while a receiver waits", async () => {
    const url = await local.create("Work");
    const polling = local.client.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }),
    );
    const ended = polling.then(
      () => "ended",
      () => "ended",
    );
    await local.clock.asked();
    await local.sqs.close();
    expect(await ended).toBe("ended");
  });

  test("says so when its port is taken", async () => {
    const second = startSqs({ port: local.sqs.port, region: "eu-west-1" });
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
    const outgoing = request(local.sqs.url, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
