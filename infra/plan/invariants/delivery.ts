/** Rules of queues, mappings and schedules: what keeps a video from being lost, forgotten or sent twice at once. */
import { findFunction, findQueue, ofType, ownerOf, type Rules } from "./rule.ts";

/** API Gateway gives up on an integration after this: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const gatewayTimeoutSecondsMax = 30;
/** The least MaximumConcurrency that SQS mappings take: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const maximumConcurrencyMin = 2;
/** Fewer, and one bad deployment would give videos up. */
const receivesMin = 3;
/** The longest that SQS holds a message back: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const delaySecondsMax = 900;
/** What a creator may have to wait until a crashed relay goes on. */
const recoverySecondsMax = 90;
/** Of a role that says nothing: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const sessionSecondsDefault = 3600;

export const deliveryRules: Rules = {
  "a queue hides a message for at least as long as its function may run": ({ system }) =>
    system.eventSources.flatMap((source) => {
      const visibility = findQueue(system, source.queue).visibilityTimeoutSeconds;
      const timeout = findFunction(system, source.function).timeoutSeconds;
      const isEnough = visibility >= timeout;
      return isEnough
        ? []
        : [`${source.queue} hides for ${visibility} s, ${source.function} runs ${timeout} s`];
    }),

  "one failed message does not bring back its whole batch": ({ system }) =>
    system.eventSources
      .filter((source) => !source.partialResponses)
      .map((source) => `${source.queue} reports no partial failures`),

  "a message has several chances before it is given up": ({ system }) =>
    system.queues
      .filter((queue) => queue.deadLetter && queue.deadLetter.maxReceiveCount < receivesMin)
      .map((queue) => `${queue.name} gives up after ${queue.deadLetter?.maxReceiveCount} receives`),

  "a dead-letter queue remembers longer than the queue before it, and is read": ({ system }) =>
    system.queues.flatMap((queue) => {
      if (queue.deadLetter === null) return [];
      const dead = findQueue(system, queue.deadLetter.queue);
      const isRead = system.eventSources.some((source) => source.queue === dead.name);
      const isLonger = dead.messageRetentionSeconds > queue.messageRetentionSeconds;
      return [
        ...(isRead ? [] : [`nobody reads ${dead.name}`]),
        ...(isLonger ? [] : [`${dead.name} forgets before ${queue.name}'s messages reach it`]),
      ];
    }),

  "an event-source mapping stays within SQS's limits": ({ system }) =>
    system.eventSources
      .filter(({ maximumConcurrency }) => (maximumConcurrency ?? Infinity) < maximumConcurrencyMin)
      .map((source) => `${source.queue} asks for a concurrency of ${source.maximumConcurrency}`),

  "relays make room by the concurrency that they have": ({ system }, code) =>
    system.eventSources
      .filter(({ queue }) => queue === "RelayQueue")
      .filter(({ maximumConcurrency }) => maximumConcurrency !== code.relaySlots)
      .map(
        (source) => `${source.maximumConcurrency} relays run, ${code.relaySlots} are counted on`,
      ),

  "a delayed message is one that SQS takes, and outlives its delay": ({ system }, code) => {
    const longest = Math.max(...code.quickDelaysMs) / 1000;
    return [
      ...(longest > delaySecondsMax ? [`a status check waits ${longest} s`] : []),
      ...system.queues
        .filter((queue) => queue.messageRetentionSeconds <= delaySecondsMax)
        .map((queue) => `${queue.name} forgets after ${queue.messageRetentionSeconds} s`),
    ];
  },

  "a crashed relay goes on within 90 s": ({ system }, code) =>
    system.schedules.flatMap(({ name, expression }) => {
      const seconds = code.leaseMs / 1000 + periodSeconds(expression);
      return seconds <= recoverySecondsMax ? [] : [`${name} finds it after up to ${seconds} s`];
    }),

  "a presigned URL lives no longer than the session that signs it": (plan, code) =>
    ofType(plan, "aws:iam/role:Role").flatMap((role) => {
      const session = Number(role.inputs.maxSessionDuration ?? sessionSecondsDefault);
      return code.presignedSeconds <= session
        ? []
        : [`${ownerOf(role)} signs for ${code.presignedSeconds} s in a session of ${session} s`];
    }),

  "every function is started by something, and answers in time": ({ system }) =>
    system.functions.flatMap(({ name, timeoutSeconds }) => {
      const routed = system.routes.some((route) => route.function === name);
      const started = [...system.eventSources, ...system.schedules].some(
        (item) => item.function === name,
      );
      return [
        ...(routed || started ? [] : [`nothing starts ${name}`]),
        ...(routed && timeoutSeconds >= gatewayTimeoutSecondsMax
          ? [`${name} outlasts API Gateway`]
          : []),
      ];
    }),

  "a schedule is one that EventBridge understands": ({ system }) =>
    system.schedules
      .filter(
        ({ expression }) =>
          !/^(rate\(1 (minute|hour|day)\)|rate\(\d+ (minutes|hours|days)\)|cron\(.+\))$/.test(
            expression,
          ),
      )
      .map(({ name, expression }) => `${name} has ${expression}`),
};

const secondsByUnit: Record<string, number> = { minute: 60, hour: 3600, day: 86_400 };

/** Of a rate. A cron expression has gaps that differ, so none is short enough. */
function periodSeconds(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  return match ? Number(match[1]) * (secondsByUnit[match[2] ?? ""] ?? Infinity) : Infinity;
}
