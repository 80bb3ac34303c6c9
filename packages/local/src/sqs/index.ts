/**
 * SQS on loopback: standard queues, fair across message groups, spoken to by any AWS SDK.
 *
 * Owns the server; its queues live in memory and are gone after a restart, by design: the table is the truth, and the
 * poller queues again whatever still has work to do. Time comes in as a clock, so a test can own it.
 */

import { findQueue, queueActions, queueNameOf, queueUrl } from "./actions.ts";
import { serveAwsJson, unknownOperation } from "./aws-json.ts";
import { createBroker } from "./broker.ts";
import { type Clock, systemClock } from "./clock.ts";
import { messageActions } from "./message-actions.ts";
import { type Depth, depth } from "./queue-state.ts";

export type SqsOptions = {
  /** 0 takes a free port. */
  port: number;
  region: string;
  clock?: Clock;
  /** Called after each answer, for the host's log; never with a message's body. */
  onRequest?: (record: { action: string; queue: string; status: number }) => void;
};

export type Sqs = {
  url: string;
  port: number;
  queueUrl: (name: string) => string;
  /** Throws for a queue that was never created. */
  depth: (name: string) => Depth;
  /** Ends at once: waiting receivers are answered with nothing, connections are cut. */
  close: () => Promise<void>;
};

/** A batch of 1 MiB, escaped as JSON at its worst. */
const bodyBytesMax = 8 * 1024 * 1024;

export async function startSqs(options: SqsOptions): Promise<Sqs> {
  const broker = createBroker({ clock: options.clock ?? systemClock, region: options.region });
  const actions = new Map(Object.entries({ ...queueActions, ...messageActions }));
  let origin = "";
  const server = await serveAwsJson({
    port: options.port,
    targetPrefix: "AmazonSQS",
    version: "1.0",
    bodyBytesMax,
    run: async ({ action, body, signal }) => {
      const run = actions.get(action);
      if (run === undefined) {
        throw unknownOperation(action);
      }
      return run(body, { broker, origin, signal });
    },
    onAnswer: ({ action, body, status }) =>
      options.onRequest?.({ action, queue: queueIn(body), status }),
  });
  origin = server.url;
  return {
    url: server.url,
    port: server.port,
    queueUrl: (name) => queueUrl(server.url, name),
    depth: (name) => depth(findQueue(broker, name), broker.clock.nowMs()),
    close: async () => {
      broker.close();
      await server.close();
    },
  };
}

/** The queue that a call is about, as far as its body says. */
function queueIn(body: unknown): string {
  if (typeof body !== "object" || body === null) {
    return "";
  }
  if ("QueueUrl" in body && typeof body.QueueUrl === "string") {
    return queueNameOf(body.QueueUrl);
  }
  return "QueueName" in body && typeof body.QueueName === "string" ? body.QueueName : "";
}
