/**
 * The relay: core's own, from lease to delivery, with its real chunk sender and its checkpoints in a table in memory. It works
 * on a record of its own, because the machine knows no publication that is uploaded and relayed at once.
 */
import { relay } from "@clipcast/core/publishing";
import type { RangeReader } from "@clipcast/core/storage";
import { openId, publicPost, userId } from "@clipcast/core/testing";
import type { SendChunk } from "@clipcast/core/tiktok";
import { begin, complete } from "@clipcast/core/uploads";
import { createLiveWorld, liveClock } from "../live-world.ts";
import { contentType } from "../relay/protocol.ts";

/** A Lambda invocation's longest life, after which the next one goes on. */
const invocationMs = 900_000;
/** A day. */
const invocationsMax = 96;

export interface Relayed {
  openSeconds: number;
  sendSeconds: number;
  chunks: number;
  tableWrites: number;
}

/** Everything that is not the relay itself happens before it is called. */
export async function prepareRelay(given: {
  bytes: number;
  chunkAimBytes: number;
  uploadUrl: string;
  sendChunk: SendChunk;
}): Promise<(object: { key: string; etag: string; ranges: RangeReader }) => Promise<Relayed>> {
  const { bytes } = given;
  const world = await createLiveWorld();
  await world.connect();
  const counts = { openSeconds: 0, sendSeconds: 0, chunks: 0, tableWrites: 0 };
  const { table, tiktok, storage } = world.deps;
  const deps = {
    ...world.deps,
    clock: liveClock,
    table: {
      ...table,
      put: (...row: Parameters<typeof table.put>) => {
        counts.tableWrites += 1;
        return table.put(...row);
      },
    },
    storage: { ...storage, listParts: async () => null, head: async () => ({ bytes, etag: "-" }) },
    tiktok: {
      ...tiktok,
      init: async (...request: Parameters<typeof tiktok.init>) => ({
        ...(await tiktok.init(...request)),
        uploadUrl: given.uploadUrl,
      }),
    },
    sendChunk: async (...request: Parameters<SendChunk>) => {
      const startedMs = performance.now();
      const outcome = await given.sendChunk(...request);
      counts.sendSeconds += secondsSince(startedMs);
      counts.chunks += 1;
      return outcome;
    },
  };
  await rememberAim(deps, given.chunkAimBytes);
  const { value } = await begin(deps, {
    userId,
    openId,
    file: { name: "video.mp4", bytes, contentType },
    post: publicPost,
    consentTextVersion: "bench",
    idempotencyKey: null,
  });
  const ids = { userId, publicationId: value.id };
  await complete({ ...deps, sendRelay: async () => undefined }, ids);
  counts.tableWrites = 0;

  return async ({ key, etag, ranges }) => {
    // The record names a key and an ETag of its own.
    const openRange: RangeReader["openRange"] = (range) =>
      ranges.openRange({ ...range, key, etag });
    const startedMs = performance.now();
    for (let count = 1; count <= invocationsMax; count += 1) {
      const deadlineMs = liveClock.nowMs() + invocationMs;
      const input = { ...ids, owner: `bench-${count}`, deadlineMs };
      const result = await relay({ ...deps, ranges: { openRange } }, input);
      if (result === "delivered") return { ...counts, openSeconds: secondsSince(startedMs) };
      if (result !== "continued") throw new Error(`the relay ended as ${result}`);
    }
    throw new Error("the relay came to no end");
  };
}

/** What core writes when TikTok has accepted a chunk of this size. */
async function rememberAim(
  { table }: Pick<Awaited<ReturnType<typeof createLiveWorld>>["deps"], "table">,
  aimBytes: number,
): Promise<void> {
  const key = { pk: "STAGE", sk: "CHUNK_RULE" };
  await table.put({ ...key, version: 1, writeId: "bench", data: { aimBytes } }, 0);
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
