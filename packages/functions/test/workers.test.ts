/** The queue and schedule entries as Lambda calls them, over AWS failures that no server can be made to produce. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Publication } from "@clipcast/core/publications";
import { createWorld, openId, userId, videoBytes } from "@clipcast/core/testing";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { lambdaContext, scheduleEvent, sqsEvent } from "./events.ts";
import { clientSecret, linkVariables } from "./links.ts";

const dynamo = mockClient(DynamoDBDocumentClient);
const sqs = mockClient(SQSClient);
const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

type QueueHandler = (
  event: SQSEvent,
  context: ReturnType<typeof lambdaContext>,
) => Promise<SQSBatchResponse>;
let relay: QueueHandler;
let check: QueueHandler;
let dead: QueueHandler;
let poller: (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<void>;
let lines: string[] = [];

// The entries read their links as they are imported, and SST reads the environment once.
beforeAll(async () => {
  for (const [name, value] of Object.entries(linkVariables())) vi.stubEnv(name, value);
  relay = (await import("../src/relay.ts")).handler;
  check = (await import("../src/check.ts")).handler;
  dead = (await import("../src/dead.ts")).handler;
  poller = (await import("../src/poller.ts")).handler;
}, 60_000);

beforeEach(() => {
  dynamo.reset();
  sqs.reset();
  lines = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

const message = (publicationId: string, more: object = {}) =>
  JSON.stringify({ userId, publicationId, ...more });
const keyOf = (publicationId: string) => ({
  pk: `USER#${userId}`,
  sk: `PUBLICATION#${publicationId}`,
});
const events = () => lines.map((line) => JSON.parse(line));

/** A publication's row as DynamoDB holds it, begun and completed by the domain itself. */
async function queuedRow(change: Partial<Publication> = {}) {
  const world = createWorld();
  await world.connect();
  const { id } = await world.upload(videoBytes(1_000));
  const row = world.deps.table.rows().find(({ sk }) => sk === keyOf(id).sk);
  if (row === undefined) throw new Error("the publication has a row");
  return { id, row: { ...row, data: { ...(await world.get(id)), ...change } } };
}

describe.each([
  ["relay", () => relay, {}],
  ["check", () => check, { check: null }],
  ["dead", () => dead, {}],
] as const)("%s", (_name, handler, more) => {
  const batch = (...ids: string[]) => sqsEvent(ids.map((id) => message(id, more)));

  it("names just the message for which DynamoDB was throttled", async () => {
    dynamo.on(GetCommand).resolves({});
    dynamo.on(GetCommand, { Key: keyOf("b") }).rejects(throttled);
    const answer = await handler()(batch("a", "b", "c"), lambdaContext());
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m-2" }] });
    expect(events()).toContainEqual(
      expect.objectContaining({ event: "message.failed", code: "ThrottlingException" }),
    );
  });

  it("is done with messages about publications that do not exist", async () => {
    dynamo.on(GetCommand).resolves({});
    expect(await handler()(batch("a"), lambdaContext())).toEqual({ batchItemFailures: [] });
  });

  it("drops messages that are not ours", async () => {
    const strange = ["{", message("a", { ...more, isAdmin: true }), "{}"];
    const answer = await handler()(sqsEvent(strange), lambdaContext());
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(events()).toHaveLength(3);
    expect(dynamo.calls()).toHaveLength(0);
  });
});

describe("relay", () => {
  it("leaves a publication alone that another relay holds", async () => {
    const untilMs = Date.now() + 30_000;
    const lease = { owner: "another", expiresAtMs: untilMs };
    const { id, row } = await queuedRow({ status: "relaying", lease });
    dynamo.on(GetCommand, { Key: keyOf(id) }).resolves({ Item: row });
    const answer = await relay(sqsEvent([message(id)]), lambdaContext());
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(events()).toContainEqual(
      expect.objectContaining({ event: "relay", publicationId: id, result: "busy" }),
    );
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(0);
  });

  it("takes its lease in the name of its invocation, and not beyond the time it has", async () => {
    const { id, row } = await queuedRow();
    dynamo.on(GetCommand).resolves({});
    dynamo.on(GetCommand, { Key: keyOf(id) }).resolves({ Item: row });
    // The first write is its turn among its user's relays, the second one the lease.
    dynamo.on(PutCommand).resolvesOnce({}).rejects(throttled);
    const context = lambdaContext(900_000);
    const answer = await relay(sqsEvent([message(id)]), context);
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-1" }]);
    const [turn, put] = dynamo.commandCalls(PutCommand);
    expect(turn?.args[0].input.Item).toMatchObject({
      sk: "TURNS",
      data: { turns: [{ publicationId: id, owner: context.awsRequestId }] },
    });
    const { lease, fence } = put?.args[0].input.Item?.data ?? {};
    expect(lease.owner).toBe(context.awsRequestId);
    expect(lease.expiresAtMs - Date.now()).toBeLessThanOrEqual(30_000);
    expect(fence).toBe(1);
  });
});

describe("dead", () => {
  it("has the message again when the failure could not be written", async () => {
    const { id, row } = await queuedRow();
    dynamo.on(GetCommand).resolves({});
    dynamo.on(GetCommand, { Key: keyOf(id) }).resolves({ Item: row });
    dynamo.on(PutCommand).resolvesOnce({}).rejects(throttled);
    const answer = await dead(sqsEvent([message(id)]), lambdaContext());
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "m-1" }]);
    const [letter, mark] = dynamo.commandCalls(PutCommand).map(({ args }) => args[0].input.Item);
    expect(letter).toMatchObject({ pk: "DEAD", data: { publicationId: id, receives: 1 } });
    expect(mark?.data).toMatchObject({
      status: "failed",
      failure: { code: "relay_failed", isRetryable: true },
    });
  });
});

describe("poller", () => {
  it("fails its tick when DynamoDB is throttled, so that the alarm sees it", async () => {
    dynamo.on(QueryCommand).rejects(throttled);
    await expect(poller(scheduleEvent(), lambdaContext())).rejects.toThrow("Rate exceeded");
  });

  it("goes on with the others when one publication's push fails", async () => {
    const { id, row } = await queuedRow({ dueAtMs: 1 });
    const [bad, good] = [keyOf("bad"), keyOf(id)];
    dynamo.on(QueryCommand).resolves({ Items: [] });
    dynamo
      .on(QueryCommand, { ExpressionAttributeValues: { ":shard": "DUE#0" } }, false)
      .resolves({ Items: [bad, good] });
    // Read together; only one of them can be written.
    const rows = [{ ...row, ...bad }, row];
    dynamo.on(BatchGetCommand).resolves({ Responses: { "clipcast-table": rows } });
    dynamo.on(PutCommand).resolves({});
    dynamo.on(PutCommand, { Item: bad }, false).rejects(throttled);
    await poller(scheduleEvent(), lambdaContext());
    const sent = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
    expect(sent).toMatchObject([
      { MessageBody: message(id), MessageGroupId: userId, DelaySeconds: 0 },
    ]);
    expect(events()).toContainEqual(expect.objectContaining({ event: "poll", seen: 2, failed: 1 }));
  });

  it("starts nothing when hardly any time is left, and still ends well", async () => {
    dynamo.on(QueryCommand).resolves({ Items: [] });
    await poller(scheduleEvent(), lambdaContext(1_000));
    expect(events()).toMatchObject([{ event: "poll", seen: 0, failed: 0 }]);
  });
});

it("logs neither secrets nor what the messages held", async () => {
  dynamo.on(GetCommand).rejects(throttled);
  const body = message("a", { token: "act.secret" });
  await relay(sqsEvent([body, message("b")]), lambdaContext());
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toMatch(new RegExp(`act\\.|${clientSecret}|${openId}`));
});
