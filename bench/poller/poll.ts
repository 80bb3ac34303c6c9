/**
 * One tick of the poller in a process of its own: core's `poll` with the real table over the embedded DynamoDB, which tells
 * what each request consumed. TikTok takes its time and then says that the post is out; storage and queues are in memory.
 */
import { setTimeout as delay } from "node:timers/promises";
import { poll } from "@clipcast/core/publishing";
import { createDynamoTable } from "@clipcast/core/table";
import * as z from "zod";
import { serveParent } from "../child.ts";
import { createLiveWorld, liveClock } from "../live-world.ts";
import { ownPeakRssBytes } from "../resources.ts";
import { connectDynamo } from "./connect.ts";
import { type PollAnswer, pollJobSchema } from "./protocol.ts";

const capacity = z.object({ CapacityUnits: z.number().default(0) });
/** A list where a request may be about several tables. */
const consumedSchema = z.object({
  ConsumedCapacity: z.union([capacity.transform((one) => [one]), z.array(capacity)]).default([]),
});

await serveParent(pollJobSchema, async (job): Promise<PollAnswer> => {
  const used = { calls: {}, readUnits: 0, writeUnits: 0 };
  const world = await createLiveWorld();
  let settled = 0;
  const deps = {
    ...world.deps,
    clock: liveClock,
    log: {
      event: (_: string, fields: object) => {
        if ("status" in fields && fields.status === "published") settled += 1;
      },
    },
    table: createDynamoTable({
      client: meteredClient(job.url, used),
      tableName: job.table,
      gathersReads: true,
    }),
    storage: { ...world.deps.storage, removeAll: () => Promise.resolve() },
    tiktok: {
      ...world.deps.tiktok,
      async status() {
        await delay(job.latencyMs);
        const stage = "published" as const;
        return { stage, failReason: null, postIds: ["7600000000000000001"], uploadedBytes: 1_000 };
      },
    },
  };
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const { seen, failed } = await poll(deps, { deadlineMs: Date.now() + job.deadlineMs });
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  return { ...used, seconds, cpuSeconds, peakRssBytes: ownPeakRssBytes(), seen, failed, settled };
});

/** Counts what it asks, by name, and what DynamoDB says that it consumed. */
function meteredClient(
  url: string,
  used: { calls: Record<string, number>; readUnits: number; writeUnits: number },
) {
  const client = connectDynamo(url);
  client.middlewareStack.add(
    (next, context) => async (given) => {
      Object.assign(given.input, { ReturnConsumedCapacity: "TOTAL" });
      const name = String(context.commandName).replace("Command", "");
      used.calls[name] = (used.calls[name] ?? 0) + 1;
      const result = await next(given);
      const { ConsumedCapacity } = consumedSchema.parse(result.output);
      const units = ConsumedCapacity.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
      if (/^(Get|Query|Scan|BatchGet)/.test(name)) used.readUnits += units;
      else used.writeUnits += units;
      return result;
    },
    { step: "initialize", name: "meter" },
  );
  return client;
}
