/**
 * Ours: core's whole relay of one message, from lease to delivery, with its real range reader and chunk sender. Only what
 * moves no bytes is in memory: the table with its checkpoints, the sealer and TikTok's API.
 */
import { setTimeout as delay } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import { relay } from "@clipcast/core/publishing";
import { createRangeReader, s3ClientConfig } from "@clipcast/core/storage";
import type { Clock } from "@clipcast/core/system";
import { createWorld, openId, publicPost, userId } from "@clipcast/core/testing";
import { createChunkSender } from "@clipcast/core/tiktok";
import { begin, complete } from "@clipcast/core/uploads";
import { createWire } from "@clipcast/core/wire";
import type { Contender } from "./contender.ts";
import { contentType, type Job } from "./protocol.ts";

/** A Lambda invocation's longest life. A relay that needs a second one has failed here. */
const invocationMs = 900_000;

export const ours: Contender = async (job) => {
  const deps = await createDeps(job);
  const { value } = await begin(deps, {
    userId,
    openId,
    file: { name: "video.mp4", bytes: job.bytes, contentType },
    post: publicPost,
    consentTextVersion: "bench",
    idempotencyKey: null,
  });
  const ids = { userId, publicationId: value.id };
  await complete({ ...deps, sendRelay: async () => undefined }, ids);
  const deadlineMs = deps.clock.nowMs() + invocationMs;
  const result = await relay(deps, { ...ids, owner: "bench", deadlineMs });
  if (result !== "delivered") throw new Error(`the relay ended as ${result}`);
  return null;
};

/** A world in memory in which bytes and time are real. */
async function createDeps({ storage, uploadUrl, bytes }: Job) {
  const { endpoint, region, bucket, key, etag, ...credentials } = storage;
  const world = createWorld({ maxFileBytes: bytes });
  await world.connect();
  const access = { endpoint, region, credentials, forcePathStyle: true };
  const client = new S3Client({ ...s3ClientConfig, ...access });
  const wire = createWire({ clock: { nowMs: () => Math.floor(performance.now()) } });
  const reader = createRangeReader({ client, bucket, wire });
  const { tiktok, storage: memory } = world.deps;
  return {
    ...world.deps,
    clock: startClock(world.clock.nowMs()),
    // The object is there already, below a key of its own.
    storage: { ...memory, listParts: async () => null, head: async () => ({ bytes, etag }) },
    ranges: {
      openRange: (range: Parameters<typeof reader.openRange>[0]) =>
        reader.openRange({ ...range, key }),
    },
    tiktok: {
      ...tiktok,
      init: async (...request: Parameters<typeof tiktok.init>) => ({
        ...(await tiktok.init(...request)),
        uploadUrl,
      }),
    },
    sendChunk: createChunkSender({ wire }),
  };
}

/** Real time, counted from the world's own beginning. */
function startClock(beginsAtMs: number): Clock {
  return {
    nowMs: () => beginsAtMs + Math.floor(performance.now()),
    async wait(delayMs, signal) {
      await delay(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);
    },
  };
}
