/** Ways to lose data, or to keep it for ever. */
import { first, type Mutation, named } from "./mutation.ts";

export const dataMutations: Mutation[] = [
  {
    caught: "Bucket keeps parts of abandoned uploads",
    change: ({ system }) => {
      for (const rule of first(system.buckets).lifecycleRules) {
        rule.abortIncompleteMultipartDays = null;
      }
    },
  },
  {
    caught: "Bucket keeps objects for ever",
    change: ({ system }) => {
      for (const rule of first(system.buckets).lifecycleRules) rule.expirationDays = null;
    },
  },
  {
    caught: "Table lacks dueAtMs",
    change: ({ system }) => {
      delete first(system.tables).fields.dueAtMs;
    },
  },
  {
    caught: "Table has no use for status",
    change: ({ system }) => {
      first(system.tables).fields.status = "S";
    },
  },
  {
    caught: "Table has no PITR",
    change: ({ system }) => {
      first(system.tables).pointInTimeRecovery = false;
    },
  },
  {
    caught: "SealKey does not rotate",
    change: ({ system }) => {
      named(system.keys, "SealKey").rotation = false;
    },
  },
  {
    caught: "SealKey goes with the stack",
    change: ({ resources }) => {
      named(resources, "SealKey").retainOnDelete = false;
    },
  },
  {
    caught: "TableTable goes with the stack",
    change: ({ resources }) => {
      named(resources, "TableTable").retainOnDelete = false;
    },
  },
  {
    caught: "BucketBucket may be emptied",
    change: ({ resources }) => {
      named(resources, "BucketBucket").inputs.forceDestroy = true;
    },
  },
  {
    caught: "Table can be deleted",
    change: ({ system }) => {
      first(system.tables).deletionProtection = false;
    },
  },
];
