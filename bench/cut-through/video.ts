/**
 * One video from the creator's first byte to TikTok's last, in a process of its own: storage, API, creator and relay. Only the
 * link and the sink are elsewhere. Shaped to a fraction of what the machine moves, they do not hinder each other.
 */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { planChunks } from "@clipcast/core/publishing";
import {
  createRangeReader,
  createS3Storage,
  type RangeReader,
  s3ClientConfig,
} from "@clipcast/core/storage";
import { userId } from "@clipcast/core/testing";
import { createChunkSender } from "@clipcast/core/tiktok";
import { createWire } from "@clipcast/core/wire";
import { type S3Handle, startS3 } from "@clipcast/local/s3";
import { serveParent, startChild } from "../child.ts";
import { createApi } from "../upload/api.ts";
import { bucket } from "../upload/bucket.ts";
import { shaperAddressSchema } from "../upload/protocol.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";
import { upload } from "./creator.ts";
import { type Job, jobSchema, type Outcome } from "./protocol.ts";
import { prepareRelay } from "./relay.ts";
import { createSegmentStorage, partNumberOf } from "./segments.ts";

const access = {
  region: "us-east-1",
  credentials: { accessKeyId: "bench", secretAccessKey: "not-a-secret" },
};
const origin = "https://bench.invalid";

await serveParent(jobSchema, async (job): Promise<Outcome> => {
  const counts = { s3Writes: 0, s3Reads: 0 };
  let onStored: (key: string) => unknown = () => undefined;
  const s3 = await startS3({
    dir: job.dir,
    port: 0,
    region: access.region,
    ...access.credentials,
    onRequest: ({ operation, status, key }) => {
      count(counts, operation);
      if (operation === "PutObject" && status === 200) void onStored(key);
    },
  });
  const inside = connect(s3.url);
  await inside.send(new CreateBucketCommand({ Bucket: bucket }));
  const outside = connect(await startLink(s3, job));
  const clock = { nowMs: () => Math.floor(performance.now()) };
  const wire = createWire({ clock });
  const reader = createRangeReader({ client: inside, bucket, wire, clock });
  const ranges: RangeReader = {
    async openRange(range) {
      await delay(job.firstByteMs);
      return reader.openRange(range);
    },
  };
  const whole = createS3Storage({ client: inside, bucket });
  const segments = createSegmentStorage({ client: inside, signer: outside, bucket });
  const arrivals = createArrivals({ reader: ranges, partBytes: segments.partBytes });
  onStored = async (key) => {
    const object = await whole.head(key);
    if (object !== null) arrivals.add(partNumberOf(key), { key, ...object });
  };
  const storage = job.isCutThrough ? segments : undefined;
  const api = await createApi({ client: inside, signer: outside, origin, storage });
  const { bytes, chunkAimBytes, uploadUrl } = job;
  const sendChunk = createChunkSender({ wire });
  const relay = await prepareRelay({ bytes, chunkAimBytes, uploadUrl, sendChunk });
  Object.assign(counts, { s3Writes: 0, s3Reads: 0 });

  const startedMs = performance.now();
  const { roundTripMs } = job.link;
  let uploadSeconds = 0;
  const uploading = upload(api, { origin, bytes, roundTripMs }).then((id) => {
    uploadSeconds = (performance.now() - startedMs) / 1000;
    return `uploads/${userId}/${id}`;
  });
  const relaying = job.isCutThrough
    ? whenReady(arrivals, job).then(() => relay({ key: "", etag: "", ranges: arrivals.ranges }))
    : uploading.then(async (key) => {
        const { etag = "" } = (await whole.head(key)) ?? {};
        return relay({ key, etag, ranges });
      });
  const [relayed] = await Promise.all([relaying, uploading]);
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, uploadSeconds, ...relayed, ...counts };
});

/** A task is begun when there is something to send: its upload URL lives from then on. */
async function whenReady(arrivals: Arrivals, job: Job): Promise<void> {
  const { chunkBytes } = planChunks(job.bytes, job.chunkAimBytes);
  const bytes = job.bytes * job.storedShareAtStart;
  await arrivals.whenStored({ bytes, firstBytes: chunkBytes });
}

function connect(endpoint: string): S3Client {
  return new S3Client({ ...s3ClientConfig, ...access, endpoint, forcePathStyle: true });
}

/** Answers storage's address by way of the link. The site needs none: its calls wait on the creator's side. */
async function startLink({ port }: S3Handle, { link }: Job): Promise<string> {
  const shaper = await startChild({
    path: fileURLToPath(new URL("../upload/shaper.ts", import.meta.url)),
    input: { sitePort: port, storagePort: port, link },
    answer: shaperAddressSchema,
  });
  return shaper.answer.storageUrl;
}

/**
 * As S3 bills them. A HEAD stands for what the product knows without asking: the ETag in the answer to a completion, or
 * in a notification.
 */
function count(counts: { s3Writes: number; s3Reads: number }, operation: string): void {
  if (/^(Put|Create|Complete|List|UploadPart)/.test(operation)) counts.s3Writes += 1;
  else if (operation === "GetObject") counts.s3Reads += 1;
}
