/**
 * What must hold of any plan, whatever its values: rules of AWS that neither types nor SST check, and rules of ours
 * that keep a video from being lost, posted twice or exposed. A rule lists what breaks it; an empty list is good.
 */
import type { Plan } from "./plan.ts";
import type { System } from "./system.ts";

/** API Gateway gives up on an integration after this: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const gatewayTimeoutSecondsMax = 30;
/** The least MaximumConcurrency that SQS mappings take: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const maximumConcurrencyMin = 2;
/** Fewer, and one bad deployment would give videos up. */
const receivesMin = 3;
/** An abandoned upload costs money and shows up nowhere. */
const abortIncompleteDaysMax = 7;

type Rule = (plan: Plan) => string[];

const rules: Record<string, Rule> = {
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

  "abandoned uploads and forgotten objects are removed": ({ system }) =>
    system.buckets.flatMap(({ name, lifecycleRules }) => {
      const isAborted = lifecycleRules.some(
        (rule) =>
          rule.prefix === "" &&
          (rule.abortIncompleteMultipartDays ?? Infinity) <= abortIncompleteDaysMax,
      );
      const isExpired = lifecycleRules.some((rule) => rule.expirationDays !== null);
      return [
        ...(isAborted ? [] : [`${name} keeps parts of abandoned uploads`]),
        ...(isExpired ? [] : [`${name} keeps objects for ever`]),
      ];
    }),

  "a browser sees the ETag of a part, and only from named origins": ({ system }) =>
    system.buckets.flatMap(({ name, corsRules }) => [
      ...(corsRules.some(
        (rule) => rule.exposeHeaders.includes("ETag") && rule.allowedMethods.includes("PUT"),
      )
        ? []
        : [`${name} hides the ETag from browsers`]),
      ...(corsRules.some((rule) => rule.allowedOrigins.includes("*"))
        ? [`${name} answers every origin`]
        : []),
    ]),

  "exactly the attributes that are keys are declared": ({ system }) =>
    system.tables.flatMap((table) => {
      const keys = [table, ...table.indexes].flatMap((index) => [
        index.hashKey,
        index.rangeKey ?? index.hashKey,
      ]);
      const declared = Object.keys(table.fields);
      return [
        ...keys.filter((key) => !declared.includes(key)).map((key) => `${table.name} lacks ${key}`),
        ...declared
          .filter((field) => !keys.includes(field))
          .map((field) => `${table.name} has no use for ${field}`),
      ];
    }),

  "data can be restored": ({ system }) => [
    ...system.tables
      .filter((table) => !table.pointInTimeRecovery)
      .map((table) => `${table.name} has no PITR`),
    ...system.keys.filter((key) => !key.rotation).map((key) => `${key.name} does not rotate`),
  ],

  "production keeps what cannot be made again": ({ system, resources }) =>
    system.stage !== "production"
      ? []
      : resources.flatMap((resource) => {
          const isKept = !keptTypes.includes(resource.type) || resource.retainOnDelete;
          const isSiteAsset = resource.parent === `${system.site.name}Assets`;
          const isDeletable =
            resource.type === tableType && resource.inputs.deletionProtectionEnabled !== true;
          return [
            ...(isKept || isSiteAsset ? [] : [`${resource.name} goes with the stack`]),
            ...(isDeletable ? [`${resource.name} can be deleted`] : []),
          ];
        }),

  "permissions name actions and resources": ({ system }) =>
    system.functions.flatMap(({ name, permissions }) =>
      permissions.flatMap(({ actions, resources }) => [
        ...actions
          .filter((action) => action.includes("*"))
          .map((action) => `${name} may ${action}`),
        ...resources
          .filter((resource) => resource === "*")
          .map(() => `${name} may ${actions} on anything`),
      ]),
    ),

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

const tableType = "aws:dynamodb/table:Table";
const keptTypes = [tableType, "aws:s3/bucket:Bucket", "aws:kms/key:Key"];

/** One sentence per violation, each with the rule it breaks; empty when the plan is sound. */
export function findViolations(plan: Plan): string[] {
  return Object.entries(rules).flatMap(([rule, check]) =>
    check(plan).map((detail) => `${detail} (${rule})`),
  );
}

function findQueue(system: System, name: string) {
  const queue = system.queues.find((candidate) => candidate.name === name);
  if (queue === undefined) throw new Error(`The plan has no queue ${name}`);
  return queue;
}

function findFunction(system: System, name: string) {
  const spec = system.functions.find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`The plan has no function ${name}`);
  return spec;
}
