/**
 * The single table: users, accounts, sessions, publications. Single-item conditional writes only, so no function
 * needs transactions or scans.
 */
import { isProduction } from "./settings.ts";

// The link carries the name and no rights: SST's own would grant dynamodb:* on the table.
sst.Linkable.wrap(sst.aws.Dynamo, (table) => ({ properties: { name: table.name } }));

export const table = new sst.aws.Dynamo("Table", {
  fields: { pk: "string", sk: "string", dueShard: "string", dueAtMs: "number" },
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  globalIndexes: {
    // Sparse: a publication is in it only while something is still to be done about it, so that the poller's cost
    // follows what is due and not what exists.
    due: {
      hashKey: "dueShard",
      rangeKey: "dueAtMs",
      // Whoever finds a key reads the item itself before acting on it.
      projection: "keys-only",
    },
  },
  // Only cleans up; expiry is always checked in code.
  ttl: "expiresAt",
  deletionProtection: isProduction,
});

/** Reads and conditional writes of single items: all that most functions do. */
export const useItems = {
  actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
  resources: [table.arn],
};

/** Read what a request is about together with its session. */
export const readTogether = {
  actions: ["dynamodb:BatchGetItem"],
  resources: [table.arn],
};

/** List what a user owns, and delete sessions, finished logins and accounts. */
export const manageUsers = {
  actions: ["dynamodb:Query", "dynamodb:DeleteItem"],
  resources: [table.arn],
};

/** Find what is due. */
export const queryDue = {
  actions: ["dynamodb:Query"],
  resources: [$interpolate`${table.arn}/index/due`],
};
