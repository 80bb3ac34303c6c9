/** Ways to lose a video, forget it or send it twice at once. */
import { first, type Mutation, named } from "./mutation.ts";

export const deliveryMutations: Mutation[] = [
  {
    caught: "RelayQueue hides for 899 s, Relay runs 900 s",
    change: ({ system }) => {
      named(system.queues, "RelayQueue").visibilityTimeoutSeconds = 899;
    },
  },
  {
    caught: "RelayQueue reports no partial failures",
    change: ({ system }) => {
      for (const source of system.eventSources) {
        source.partialResponses = source.queue !== "RelayQueue";
      }
    },
  },
  {
    caught: "RelayQueue gives up after 2 receives",
    change: ({ system }) => {
      const deadLetter = { queue: "RelayDeadQueue", maxReceiveCount: 2 };
      named(system.queues, "RelayQueue").deadLetter = deadLetter;
    },
  },
  {
    caught: "nobody reads RelayDeadQueue",
    change: ({ system }) => {
      system.eventSources = system.eventSources.filter((s) => s.queue !== "RelayDeadQueue");
    },
  },
  {
    caught: "RelayDeadQueue forgets before RelayQueue's messages reach it",
    change: ({ system }) => {
      named(system.queues, "RelayDeadQueue").messageRetentionSeconds = 345_600;
    },
  },
  {
    caught: "RelayQueue asks for a concurrency of 1",
    change: ({ system }) => {
      for (const source of system.eventSources) {
        if (source.queue === "RelayQueue") source.maximumConcurrency = 1;
      }
    },
  },
  { caught: "10 relays run, 9 are counted on", code: { relaySlots: 9 } },
  {
    caught: "CheckQueue forgets after 900 s",
    change: ({ system }) => {
      named(system.queues, "CheckQueue").messageRetentionSeconds = 900;
    },
  },
  { caught: "a status check waits 901 s", code: { quickDelaysMs: [5_000, 901_000] } },
  {
    caught: "PollerSchedule finds it after up to 150 s",
    change: ({ system }) => {
      first(system.schedules).expression = "rate(2 minutes)";
    },
  },
  {
    caught: "PollerSchedule finds it after up to Infinity s",
    change: ({ system }) => {
      first(system.schedules).expression = "cron(0/1 * * * ? *)";
    },
  },
  { caught: "PollerSchedule finds it after up to 91 s", code: { leaseMs: 31_000 } },
  { caught: "Api signs for 3601 s in a session of 3600 s", code: { presignedSeconds: 3_601 } },
  {
    caught: "Api signs for 900 s in a session of 899 s",
    change: ({ resources }) => {
      named(resources, "ApiRole").inputs.maxSessionDuration = 899;
    },
  },
  {
    caught: "nothing starts Poller",
    change: ({ system }) => {
      system.schedules = [];
    },
  },
  {
    caught: "Api outlasts API Gateway",
    change: ({ system }) => {
      named(system.functions, "Api").timeoutSeconds = 30;
    },
  },
  {
    caught: "PollerSchedule has rate(banana)",
    change: ({ system }) => {
      first(system.schedules).expression = "rate(banana)";
    },
  },
];
