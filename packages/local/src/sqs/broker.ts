/**
 * All queues of one server: finding them, moving messages between them, and their waiting receivers.
 *
 * Owns what concerns more than one queue: names, URLs and ARNs, dead letters, redrive from a dead-letter queue. What
 * happens inside a queue is queue.ts; the wire is actions.ts.
 */
import { randomUUID } from "node:crypto";
import { accountId } from "./aws-json.ts";
import type { Clock } from "./clock.ts";
import {
  invalidParameterValue,
  overLimit,
  queueDoesNotExist,
  queueNameExists,
  resourceNotFound,
} from "./errors.ts";
import { createPolls, type Polls } from "./polls.ts";
import * as Queues from "./queue.ts";
import * as State from "./queue-state.ts";
import {
  type Attributes,
  applyAttributes,
  defaultSettings,
  type QueueSettings,
  toAttributes,
} from "./settings.ts";

export type MoveTask = {
  handle: string;
  sourceArn: string;
  destinationArn: string | null;
  status: "COMPLETED" | "FAILED";
  failureReason: string | null;
  movedCount: number;
  toMoveCount: number;
  startedAtMs: number;
};

export type Broker = {
  readonly clock: Clock;
  readonly queueByName: ReadonlyMap<string, State.Queue>;
  readonly receive: Polls["receive"];
  /** Creates the queue, or answers the one that exists with the same attributes. */
  create: (name: string, attributes: Attributes) => State.Queue;
  configure: (queue: State.Queue, attributes: Attributes) => void;
  send: (queue: State.Queue, message: Omit<Queues.NewMessage, "id">) => State.Message;
  /** Moves every ready message of a dead-letter queue, to the queues they died in unless told otherwise. */
  move: (input: { sourceArn: string; destinationArn: string | null }) => MoveTask;
  moveTasks: (sourceArn: string) => MoveTask[];
  /** Answers waiting receivers after messages were given back. */
  serve: () => void;
  close: () => void;
};

/** As many as SQS remembers: `MaxResults` of ListMessageMoveTasks is at most 10. */
const moveTaskCountMax = 10;

export function createBroker(options: { clock: Clock; region: string }): Broker {
  const { clock, region } = options;
  const queueByName = new Map<string, State.Queue>();
  const moveTasksByArn = new Map<string, MoveTask[]>();
  const polls = createPolls({
    clock,
    find: (queue, ask) => {
      const { deliveries, dead } = Queues.receive(queue, ask, clock.nowMs());
      const targetArn = queue.settings.redrive?.targetArn ?? "";
      for (const message of dead) {
        Queues.adopt(byArn(queueByName, targetArn), message, queue.arn);
      }
      return { deliveries, hasMoved: dead.length > 0 };
    },
  });

  function send(queue: State.Queue, message: Omit<Queues.NewMessage, "id">): State.Message {
    if (queue.messageById.size >= Queues.messageCountMax) {
      throw overLimit(`The queue holds ${Queues.messageCountMax} messages already.`);
    }
    const sent = Queues.send(queue, { ...message, id: randomUUID() }, clock.nowMs());
    polls.serve();
    return sent;
  }

  return {
    clock,
    queueByName,
    receive: polls.receive,
    serve: polls.serve,
    close: polls.close,
    send,
    create(name, attributes) {
      const settings = applyAttributes(defaultSettings, attributes);
      const existing = queueByName.get(name);
      if (existing !== undefined) {
        demandSame(existing.settings, attributes);
        return existing;
      }
      demandTarget(queueByName, settings);
      const arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
      const queue = State.createQueue({ name, arn, settings, nowMs: clock.nowMs() });
      queueByName.set(name, queue);
      return queue;
    },
    configure(queue, attributes) {
      const settings = applyAttributes(queue.settings, attributes);
      demandTarget(queueByName, settings);
      State.configure(queue, settings, clock.nowMs());
      polls.serve();
    },
    move(input) {
      const task = moveAll({ queueByName, send, nowMs: clock.nowMs() }, input);
      const tasks = moveTasksByArn.get(input.sourceArn) ?? [];
      moveTasksByArn.set(input.sourceArn, [task, ...tasks].slice(0, moveTaskCountMax));
      return task;
    },
    moveTasks: (sourceArn) => moveTasksByArn.get(sourceArn) ?? [],
  };
}

type QueueByName = ReadonlyMap<string, State.Queue>;

function byArn(queueByName: QueueByName, arn: string): State.Queue {
  const queue = queueByName.get(arn.slice(arn.lastIndexOf(":") + 1));
  if (queue?.arn !== arn) {
    throw queueDoesNotExist();
  }
  return queue;
}

function demandSame(settings: QueueSettings, attributes: Attributes): void {
  const present = toAttributes(settings);
  const wanted = toAttributes(applyAttributes(settings, attributes));
  for (const name of new Set([...Object.keys(present), ...Object.keys(wanted)])) {
    if (present[name] !== wanted[name]) {
      throw queueNameExists(name);
    }
  }
}

/** A redrive policy must name a queue that exists, so dead-letter queues are created first. */
function demandTarget(queueByName: QueueByName, settings: QueueSettings): void {
  const { redrive } = settings;
  const exists = [...queueByName.values()].some((queue) => queue.arn === redrive?.targetArn);
  if (redrive !== null && !exists) {
    throw invalidParameterValue({
      value: redrive.targetArn,
      parameter: "RedrivePolicy",
      reason: "Dead letter target does not exist.",
    });
  }
}

/**
 * The whole redrive at once; SQS takes its time. Moved messages are new ones there too: new id, new age, no receives.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
function moveAll(
  deps: { queueByName: QueueByName; send: Broker["send"]; nowMs: number },
  input: { sourceArn: string; destinationArn: string | null },
): MoveTask {
  const { queueByName, nowMs } = deps;
  const source = [...queueByName.values()].find((queue) => queue.arn === input.sourceArn);
  if (source === undefined) {
    throw resourceNotFound(
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    );
  }
  if (![...queueByName.values()].some((q) => q.settings.redrive?.targetArn === source.arn)) {
    throw invalidParameterValue({
      value: source.arn,
      parameter: "SourceArn",
      reason: "Source queue must be configured as a Dead Letter Queue.",
    });
  }
  const destination =
    input.destinationArn === null ? null : byArn(queueByName, input.destinationArn);
  State.settle(source, nowMs);
  const ready = [...source.messageById.values()].filter((message) => message.state === "ready");
  const task: MoveTask = {
    handle: randomUUID(),
    ...input,
    status: "COMPLETED",
    failureReason: null,
    movedCount: 0,
    toMoveCount: ready.length,
    startedAtMs: nowMs,
  };
  for (const message of ready) {
    if (destination === null && message.deadLetterSourceArn === null) {
      return { ...task, status: "FAILED", failureReason: "CouldNotDetermineMessageSource" };
    }
    const target = destination ?? byArn(queueByName, message.deadLetterSourceArn ?? "");
    State.erase(source, message);
    deps.send(target, { body: message.body, groupId: message.groupId });
    task.movedCount += 1;
  }
  return task;
}
