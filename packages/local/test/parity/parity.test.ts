/**
 * The laptop is the plan's: two hosts, one of them with settings changed, and what differs between them. Settings that
 * one machine cannot honour are told at the start (test/host/notices.test.ts).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { FunctionSpec, QueueSpec, System } from "@clipcast/infra/plan";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalHost, startLocal } from "../../src/index.ts";
import { named, probeSystem } from "./system.ts";

const otherOrigin = "https://video.example";

/** One change for each setting that is looked at below. */
function change(system: System): void {
  const api = named(system.functions, "Api");
  api.timeoutSeconds = 1;
  api.environment = { ...api.environment, PARITY: "changed" };
  named(system.functions, "Webhook").memoryMb = 128;
  named(system.functions, "Poller").reservedConcurrency = 1;
  named(system.queues, "RelayDeadQueue").visibilityTimeoutSeconds = 0;
  named(system.queues, "LateQueue").delaySeconds = 900;
  const { deadLetter } = named(system.queues, "RelayQueue");
  if (deadLetter !== null) deadLetter.maxReceiveCount = 1;
  for (const rule of named(system.buckets, "Bucket").corsRules) {
    rule.allowedOrigins.push(otherOrigin);
  }
  for (const source of system.eventSources) source.batchSize = 2;
  system.headers["x-parity"] = "changed";
  system.routes = system.routes.filter(({ method }) => method === "POST");
  const { Settings } = system.links;
  if (Settings !== undefined) Settings.maxFileBytes = 7;
}

interface Side {
  host: LocalHost;
  sqs: SQSClient;
  batches: number[];
}

let dir: string;
let before: Side;
let after: Side;

async function start(name: string, alter: (system: System) => void): Promise<Side> {
  const system = structuredClone(probeSystem(join(dir, "app")));
  alter(system);
  const host = await startLocal({ dir: join(dir, name), port: 0, system, schedules: false });
  const { endpoints } = host;
  const config = { region: endpoints.region, credentials: endpoints, endpoint: endpoints.sqs };
  const batches: number[] = [];
  host.subscribe(({ line }) => {
    const size = /^batch of (\d+)$/.exec(line)?.[1];
    if (size !== undefined) batches.push(Number(size));
  });
  return { host, sqs: new SQSClient(config), batches };
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "clipcast-parity-"));
  before = await start("before", () => undefined);
  after = await start("after", change);
});

afterAll(async () => {
  for (const { host, sqs } of [before, after]) {
    sqs.destroy();
    await host.stop();
  }
  rmSync(dir, { recursive: true, force: true });
});

/** What the same question is answered before the change and after it. */
async function onBoth<T>(ask: (side: Side) => Promise<T>): Promise<[before: T, after: T]> {
  return [await ask(before), await ask(after)];
}

async function call({ host }: Side, functionName: string, event: object) {
  const { payload } = await host.invoke(functionName, event);
  const answer = Object(payload) as { errorType?: string; variable?: string; held?: number };
  return answer.errorType ?? answer;
}

function urlOf({ host }: Side, queue: string): string {
  // Queues differ in the last step of their addresses only.
  const name = queue.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  return String(host.links.LateQueue?.url).replace(/late-queue$/, name);
}

async function receive(side: Side, queue: string): Promise<string | null> {
  const command = new ReceiveMessageCommand({ QueueUrl: urlOf(side, queue) });
  const { Messages = [] } = await side.sqs.send(command);
  return Messages[0]?.ReceiptHandle ?? null;
}

async function send(side: Side, queue: string): Promise<void> {
  const QueueUrl = urlOf(side, queue);
  await side.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
}

it("ends a function that takes longer than its timeout", async () => {
  const answers = await onBoth((side) => call(side, "Api", { sleepMs: 1_500 }));
  expect(answers).toEqual([expect.objectContaining({ held: 0 }), "Sandbox.Timedout"]);
});

it("ends a function that needs more than its memory", async () => {
  const event = { allocateMb: 120, sleepMs: 0 };
  const answers = await onBoth((side) => call(side, "Webhook", event));
  expect(answers).toEqual([
    expect.objectContaining({ held: 120 * 1024 * 1024 }),
    "Runtime.ExitError",
  ]);
});

it("runs no more of a function than its reserved concurrency", async () => {
  const answers = await onBoth(async (side) => {
    const calls = [1, 2].map(() => side.host.invoke("Poller", { sleepMs: 300 }));
    return (await Promise.allSettled(calls)).map(({ status }) => status);
  });
  expect(answers).toEqual([
    ["fulfilled", "fulfilled"],
    ["fulfilled", "rejected"],
  ]);
});

it("hands a function its environment and its links", async () => {
  const variables = ["PARITY", "SST_RESOURCE_Settings"];
  const [[none, settings], [changed, otherSettings]] = await onBoth((side) =>
    Promise.all(
      variables.map(async (variable) => JSON.stringify(await call(side, "Api", { variable }))),
    ),
  );
  expect([none, changed]).toEqual([
    expect.stringContaining("null"),
    expect.stringContaining("changed"),
  ]);
  expect(settings).toContain("4294967296");
  expect(otherSettings).not.toContain("4294967296");
});

it("hides a received message for as long as its queue's visibility says", async () => {
  const answers = await onBoth(async (side) => {
    await send(side, "RelayDeadQueue");
    const first = await receive(side, "RelayDeadQueue");
    return [first !== null, (await receive(side, "RelayDeadQueue")) !== null];
  });
  expect(answers).toEqual([
    [true, false],
    [true, true],
  ]);
});

it("gives a message up after as many receives as the plan allows", async () => {
  const answers = await onBoth(async (side) => {
    await send(side, "RelayQueue");
    const ReceiptHandle = (await receive(side, "RelayQueue")) ?? "";
    const QueueUrl = urlOf(side, "RelayQueue");
    const again = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    await side.sqs.send(new ChangeMessageVisibilityCommand(again));
    return (await receive(side, "RelayQueue")) !== null;
  });
  expect(answers).toEqual([true, false]);
});

it("holds messages back for as long as their queue says", async () => {
  const answers = await onBoth(async (side) => {
    await send(side, "LateQueue");
    return (await receive(side, "LateQueue")) !== null;
  });
  expect(answers).toEqual([true, false]);
});

it("gives a function no more messages at once than its batch size", async () => {
  const count = 5;
  const largest = await onBoth(async (side) => {
    const Entries = Array.from({ length: count }, (_, n) => ({ Id: `${n}`, MessageBody: "x" }));
    const QueueUrl = urlOf(side, "CheckQueue");
    await side.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const total = () => side.batches.reduce((sum, size) => sum + size, 0);
    await expect.poll(total).toBe(count);
    return Math.max(...side.batches);
  });
  expect(largest[0]).toBeGreaterThan(2);
  expect(largest[1]).toBeLessThanOrEqual(2);
});

it("lets browsers upload from the origins of the bucket's rules, and from no other", async () => {
  const answers = await onBoth(async ({ host }) => {
    const preflight = { origin: otherOrigin, "access-control-request-method": "PUT" };
    const url = `${host.s3Url}/${String(host.links.Bucket?.name)}/key`;
    const answer = await fetch(url, { method: "OPTIONS", headers: preflight });
    return answer.headers.get("access-control-allow-origin");
  });
  expect(answers).toEqual([null, otherOrigin]);
});

it("answers the routes and with the headers of the plan", async () => {
  const answers = await onBoth(async ({ host }) => {
    const { status, headers } = await fetch(`${host.url}/api/anything`);
    return [status, headers.get("x-parity")];
  });
  expect(answers).toEqual([
    [200, null],
    [404, "changed"],
  ]);
});

it("has an answer for each setting of a function and of a queue", () => {
  // A setting that is added to the plan does not compile until somebody says here who looks at it.
  const functionSettings: Record<keyof FunctionSpec, "here" | "told" | "name"> = {
    name: "name",
    handler: "here",
    timeoutSeconds: "here",
    memoryMb: "here",
    reservedConcurrency: "here",
    environment: "here",
    links: "here",
    architecture: "told",
    runtime: "told",
    permissions: "told",
    logRetentionDays: "told",
  };
  const queueSettings: Record<keyof QueueSpec, "here" | "told" | "name" | "test/sqs"> = {
    name: "name",
    visibilityTimeoutSeconds: "here",
    delaySeconds: "here",
    deadLetter: "here",
    messageRetentionSeconds: "test/sqs",
    encrypted: "told",
  };
  const told = before.host.unhonoured.join("; ");
  expect(Object.values({ ...functionSettings, ...queueSettings })).toContain("told");
  for (const words of ["no IAM checks", "logs kept for ever", "no encryption at rest"]) {
    expect(told).toContain(words);
  }
});
