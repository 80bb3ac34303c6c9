/** Rules of what keeps data: tables, buckets, keys. */
import { ofType, type Rules } from "./rule.ts";

/** An abandoned upload costs money and shows up nowhere. */
const abortIncompleteDaysMax = 7;

export const dataRules: Rules = {
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

  "production keeps what cannot be made again": (plan) => {
    const { system } = plan;
    if (system.stage !== "production") return [];
    // What functions seal under a key is lost with it; other keys guard nothing that stays.
    const sealing = system.keys.map(({ name }) => name).filter((name) => name in system.links);
    const kept = [
      ...ofType(plan, "aws:dynamodb/table:Table"),
      ...ofType(plan, "aws:s3/bucket:Bucket").filter(
        ({ parent }) => parent !== `${system.site.name}Assets`,
      ),
      ...ofType(plan, "aws:kms/key:Key").filter(({ name }) => sealing.includes(name)),
    ];
    return [
      ...kept
        .filter((item) => !item.retainOnDelete)
        .map(({ name }) => `${name} goes with the stack`),
      ...ofType(plan, "aws:s3/bucket:Bucket")
        .filter((bucket) => kept.includes(bucket) && bucket.inputs.forceDestroy === true)
        .map(({ name }) => `${name} may be emptied`),
      ...system.tables
        .filter((table) => !table.deletionProtection)
        .map(({ name }) => `${name} can be deleted`),
    ];
  },
};
