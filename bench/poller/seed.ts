/**
 * Publications in `processing` as the product itself stores them: one goes all the way through core in memory, and all
 * others are copies of it under ids of their own, placed in the index by core. Accounts are connected as logins do it.
 */
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Publication, saveNew } from "@clipcast/core/publications";
import type { Row } from "@clipcast/core/table";
import { videoBytes } from "@clipcast/core/testing";
import { inLanes } from "../../packages/local/src/load/lanes.ts";
import { createLiveWorld, liveClock } from "../live-world.ts";
import { connectDynamo } from "./connect.ts";

export interface Crowd {
  /** Draws ids, so that no two publications share one. */
  name: string;
  count: number;
  /** Whose they are, in turn; TikTok's windows are each account's own. */
  accounts: number;
  dueAtMs(index: number): number;
}

/** BatchWriteItem takes no more. */
const batchRows = 25;
const batchesAtOnce = 8;
const retriesMax = 8;

export type Seeder = Awaited<ReturnType<typeof createSeeder>>;

export async function createSeeder(url: string, accounts: number) {
  const client = DynamoDBDocumentClient.from(connectDynamo(url), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const world = await createLiveWorld();
  await world.connect();
  const { id } = await world.upload(videoBytes(1_000));
  await world.relay(id);
  const model = await world.get(id);
  if (model.status !== "processing" || model.task === null)
    throw new Error("nothing is in processing");
  for (let n = 0; n < accounts; n += 1) await world.connect(ownerOf(n).userId, ownerOf(n).openId);
  const accountRows = world.deps.table.rows().filter(({ sk }) => !sk.startsWith("PUBLICATION#"));

  const write = async (TableName: string, rows: Row[]) => {
    const batches = Array.from({ length: Math.ceil(rows.length / batchRows) }, (_, n) =>
      rows.slice(n * batchRows, (n + 1) * batchRows),
    );
    await inLanes(batches, batchesAtOnce, async (batch) => {
      let left: Record<string, object[]> = {
        [TableName]: batch.map((Item) => ({ PutRequest: { Item } })),
      };
      for (let tries = 0; Object.keys(left).length > 0; tries += 1) {
        if (tries === retriesMax) throw new Error("DynamoDB takes no more rows");
        const answer = await client.send(new BatchWriteCommand({ RequestItems: left }));
        left = answer.UnprocessedItems ?? {};
      }
    });
  };
  return {
    connectAccounts: (table: string) => write(table, accountRows),
    async add(table: string, crowd: Crowd): Promise<void> {
      const task = model.task;
      if (task === null) return;
      const rows: Row[] = [];
      for (let n = 0; n < crowd.count; n += 1) {
        const publishId = `${crowd.name}.${n}`;
        const owner = ownerOf(n % crowd.accounts);
        const ids = { id: idOf(crowd.name, n), ...owner, task: { ...task, publishId } };
        rows.push(await rowOf({ ...model, ...ids, dueAtMs: crowd.dueAtMs(n) }));
      }
      await write(table, rows);
    },
  };
}

function ownerOf(n: number) {
  return { userId: `bench-user-${n}`, openId: `-000bench${n}` };
}

/** As long as ours are, so that rows weigh what they do. */
function idOf(name: string, n: number): string {
  return Buffer.from(`${name}.${n}`.padStart(16, "0")).toString("hex");
}

/** Core places the row; the table that it is put into only hands it back. */
async function rowOf(publication: Publication): Promise<Row> {
  const rows: Row[] = [];
  const none = () => Promise.reject(new Error("nothing is read while rows are made"));
  const table = {
    get: none,
    query: none,
    due: none,
    remove: none,
    async put(row: Row) {
      rows.push(row);
      return true;
    },
  };
  const random = { bytes: (count: number) => new Uint8Array(count) };
  await saveNew({ table, random, clock: liveClock }, publication);
  const [row] = rows;
  if (row === undefined) throw new Error("core wrote no row");
  return row;
}
