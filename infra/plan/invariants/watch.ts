/** Rules of what watches the system: an alarm that nobody hears, or that can never go off, is worse than none. */
import { parseReference } from "../references.ts";
import { ofType, ownerOf, type Rules } from "./rule.ts";

export const watchRules: Rules = {
  "every alarm tells somebody, and says what to do": ({ system }) => {
    const topics = system.topics.map(({ name }) => name);
    return system.alarms.flatMap(({ name, actions, description }) => [
      ...(actions.some((action) => topics.includes(action)) ? [] : [`${name} tells nobody`]),
      ...(/\. docs\/operations\.md#[a-z0-9-]+$/.test(description)
        ? []
        : [`${name} leads to no section of docs/operations.md`]),
    ]);
  },

  "an alarm looks at something that is in the plan and reports": (plan) => {
    const names = new Set(plan.resources.map(({ name }) => name));
    const reporting = ofType(plan, "aws:lambda/eventSourceMapping:EventSourceMapping")
      .filter(({ inputs }) => JSON.stringify(inputs.metricsConfig)?.includes("EventCount"))
      .map(ownerOf);
    return plan.system.alarms.flatMap(({ name, metric }) =>
      Object.entries(metric.dimensions).flatMap(([dimension, value]) => {
        const owner = parseReference(value)?.owner;
        if (owner === undefined) return [];
        const isSilent = dimension === "EventSourceMappingUUID" && !reporting.includes(owner);
        return [
          ...(names.has(owner) ? [] : [`${name} looks at ${owner}`]),
          ...(isSilent ? [`${name} looks at a mapping that reports nothing`] : []),
        ];
      }),
    );
  },

  "an alarm looks at a metric that the code reports": ({ system }, code) => {
    const namespaces = system.functions.map(
      ({ environment }) => environment.POWERTOOLS_METRICS_NAMESPACE ?? "",
    );
    return system.alarms
      .filter(({ metric }) => !metric.namespace.startsWith("AWS/"))
      .filter(
        ({ metric }) =>
          !namespaces.every((namespace) => namespace === metric.namespace) ||
          !code.metrics.includes(metric.name),
      )
      .map(({ name, metric }) => `${name} waits for ${metric.namespace} ${metric.name}`);
  },

  "a dead letter is noticed": ({ system }) =>
    system.queues
      .flatMap(({ deadLetter }) => deadLetter?.queue ?? [])
      .filter(
        (queue) =>
          !system.alarms.some(
            ({ metric, threshold }) =>
              metric.name === "NumberOfMessagesReceived" &&
              metric.dimensions.QueueName === `\${${queue}.name}` &&
              threshold === 0,
          ),
      )
      .map((queue) => `nobody hears of what lands in ${queue}`),

  "a schedule that stops is noticed": ({ system }) =>
    system.schedules
      .filter(
        (schedule) =>
          !system.alarms.some(
            ({ metric, missingData }) =>
              metric.name === "Invocations" &&
              metric.dimensions.FunctionName === `\${${schedule.function}.name}` &&
              missingData === "breaching",
          ),
      )
      .map(({ name }) => `nobody misses ${name}`),

  "no log is kept for ever": (plan) =>
    ofType(plan, "aws:cloudwatch/logGroup:LogGroup")
      .filter(({ inputs }) => !(Number(inputs.retentionInDays) > 0))
      .map((log) => `${log.name} is kept for ever`),
};
