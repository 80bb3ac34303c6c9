/** Ways not to notice. */
import { reference } from "../../plan/references.ts";
import { type Mutation, named } from "./mutation.ts";

export const watchMutations: Mutation[] = [
  {
    caught: "RelayErrors tells nobody",
    change: ({ system }) => {
      named(system.alarms, "RelayErrors").actions = [];
    },
  },
  {
    caught: "RelayErrors tells nobody",
    change: ({ system }) => {
      named(system.alarms, "RelayErrors").actions = ["Nowhere"];
    },
  },
  {
    caught: "ApiSlow leads to no section of docs/operations.md",
    change: ({ system }) => {
      named(system.alarms, "ApiSlow").description = "The API is slow.";
    },
  },
  {
    caught: "RelayBacklog looks at OldQueue",
    change: ({ system }) => {
      named(system.alarms, "RelayBacklog").metric.dimensions.QueueName = reference(
        "OldQueue",
        "name",
      );
    },
  },
  {
    caught: "RelayErrors looks at a mapping that reports nothing",
    change: ({ resources }) => {
      for (const { type, inputs } of resources) {
        if (type.includes("eventSourceMapping")) delete inputs.metricsConfig;
      }
    },
  },
  {
    caught: "TokenRefreshFailed waits for ClipCastPublish RefreshFailed",
    change: ({ system }) => {
      named(system.alarms, "TokenRefreshFailed").metric.name = "RefreshFailed";
    },
  },
  {
    caught: "TokenRefreshFailed waits for ClipCastPublish TokenRefreshFailed",
    change: ({ system }) => {
      named(system.functions, "Check").environment.POWERTOOLS_METRICS_NAMESPACE = "Elsewhere";
    },
  },
  {
    caught: "nobody hears of what lands in RelayDeadQueue",
    change: ({ system }) => {
      // SQS does not count what it moves by itself.
      named(system.alarms, "DeadLetters").metric.name = "NumberOfMessagesSent";
    },
  },
  {
    caught: "nobody misses PollerSchedule",
    change: ({ system }) => {
      named(system.alarms, "PollerSilent").missingData = "notBreaching";
    },
  },
  {
    caught: "RelayLogGroup is kept for ever",
    change: ({ resources }) => {
      delete named(resources, "RelayLogGroup").inputs.retentionInDays;
    },
  },
];
