/**
 * SQS's actions on queues: create, find, describe, change, purge, redrive.
 *
 * Translates between the wire and the broker and decides nothing itself. The actions on messages are in
 * message-actions.ts; `createActions` is the whole table that the server dispatches on.
 */
import type { z } from "zod";
import { accountId } from "./aws-json.ts";
import type { Broker } from "./broker.ts";
import {
  invalidAttributeName,
  invalidParameterValue,
  missingParameter,
  queueDoesNotExist,
} from "./errors.ts";
import { purge } from "./queue.ts";
import { type Depth, depth, type Queue } from "./queue-state.ts";
import * as Requests from "./requests.ts";
import { toAttributes } from "./settings.ts";

export type ActionContext = { broker: Broker; origin: string; signal: AbortSignal };
export type Action = (body: unknown, context: ActionContext) => object | Promise<object>;

export const queueActions: Record<string, Action> = {
  CreateQueue: action(Requests.createQueue, (input, { broker, origin }) => {
    const queue = broker.create(input.QueueName, input.Attributes ?? {});
    return { QueueUrl: queueUrl(origin, queue.name) };
  }),

  GetQueueUrl: action(Requests.getQueueUrl, (input, { broker, origin }) => {
    if (!broker.queueByName.has(input.QueueName)) {
      throw queueDoesNotExist();
    }
    return { QueueUrl: queueUrl(origin, input.QueueName) };
  }),

  ListQueues: action(Requests.listQueues, (input, { broker, origin }) => {
    const names = [...broker.queueByName.keys()].filter((name) =>
      name.startsWith(input.QueueNamePrefix ?? ""),
    );
    return names.length === 0 ? {} : { QueueUrls: names.map((name) => queueUrl(origin, name)) };
  }),

  GetQueueAttributes: action(Requests.getQueueAttributes, (input, { broker }) => {
    const queue = findQueue(broker, input.QueueUrl);
    const all = describe(queue, depth(queue, broker.clock.nowMs()));
    const wanted = new Set(input.AttributeNames ?? []);
    const unknown = [...wanted].find(
      (name) => name !== "All" && name !== "RedrivePolicy" && !(name in all),
    );
    if (unknown !== undefined) {
      throw invalidAttributeName(unknown);
    }
    const chosen = Object.entries(all).filter(([name]) => wanted.has("All") || wanted.has(name));
    return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) };
  }),

  SetQueueAttributes: action(Requests.setQueueAttributes, (input, { broker }) => {
    broker.configure(findQueue(broker, input.QueueUrl), input.Attributes);
    return {};
  }),

  PurgeQueue: action(Requests.purgeQueue, (input, { broker }) => {
    purge(findQueue(broker, input.QueueUrl));
    return {};
  }),

  StartMessageMoveTask: action(Requests.startMove, (input, { broker }) => {
    const destinationArn = input.DestinationArn ?? null;
    return { TaskHandle: broker.move({ sourceArn: input.SourceArn, destinationArn }).handle };
  }),

  ListMessageMoveTasks: action(Requests.listMoves, (input, { broker }) => {
    const tasks = broker.moveTasks(input.SourceArn).slice(0, input.MaxResults ?? 1);
    return {
      Results: tasks.map((task) => ({
        Status: task.status,
        SourceArn: task.sourceArn,
        ...(task.destinationArn === null ? {} : { DestinationArn: task.destinationArn }),
        ...(task.failureReason === null ? {} : { FailureReason: task.failureReason }),
        ApproximateNumberOfMessagesMoved: task.movedCount,
        ApproximateNumberOfMessagesToMove: task.toMoveCount,
        StartedTimestamp: task.startedAtMs,
      })),
    };
  }),
};

/** Checks the body before the action sees it, and names what is wrong with it as SQS does. */
export function action<S extends z.ZodType>(
  schema: S,
  run: (input: z.output<S>, context: ActionContext) => object | Promise<object>,
): Action {
  return (body, context) => run(parseInput(schema, body), context);
}

export function parseInput<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const parameter = issue?.path.join(".") || "(body)";
  if (issue?.code === "invalid_type" && valueAt(body, issue.path) === undefined) {
    throw missingParameter(parameter);
  }
  throw invalidParameterValue({
    value: String(valueAt(body, issue?.path ?? [])),
    parameter,
    reason: issue?.message ?? "malformed",
  });
}

export function queueUrl(origin: string, name: string): string {
  return `${origin}/${accountId}/${name}`;
}

/** By name alone: a URL from before a restart on another port still means the same queue. */
export function findQueue(broker: Broker, url: string): Queue {
  const queue = broker.queueByName.get(queueNameOf(url));
  if (queue === undefined) {
    throw queueDoesNotExist();
  }
  return queue;
}

export function queueNameOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

function describe(queue: Queue, counts: Depth): Record<string, string> {
  return {
    ...toAttributes(queue.settings),
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAtMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAtMs / 1000)),
  };
}

function valueAt(body: unknown, path: PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return typeof value === "object" ? JSON.stringify(value) : value;
}
