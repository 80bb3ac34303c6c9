/**
 * What the processes of the relay benchmark tell each other: where the object is, where its bytes go, in which chunks, and
 * what became of them.
 */
import * as z from "zod";

export const sourceSchema = z.object({
  dir: z.string(),
  bytes: z.number(),
  firstByteMs: z.number(),
});

/** The source's answer. */
export const storageSchema = z.object({
  endpoint: z.url(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  bucket: z.string(),
  key: z.string(),
  etag: z.string(),
  /** Presigned, for contenders without an SDK. */
  getUrl: z.url(),
  headUrl: z.url(),
});
export type Storage = z.infer<typeof storageSchema>;

export const sinkSchema = z.object({ answerMs: z.number(), bytesPerSecond: z.number().nullable() });
export type SinkLimits = z.infer<typeof sinkSchema>;

/** The sink's answer. */
export const sinkAddressSchema = z.object({ url: z.url() });

/** What the sink tells about one task. */
export const arrivedSchema = z.object({
  receivedBytes: z.number(),
  chunks: z.number(),
  /** Reads that began with another byte than the object has at this place. */
  strayReads: z.number(),
});
export type Arrived = z.infer<typeof arrivedSchema>;

export const jobSchema = z.object({
  contender: z.string(),
  storage: storageSchema,
  uploadUrl: z.url(),
  bytes: z.number(),
  plan: z.object({ chunkBytes: z.number(), chunkCount: z.number() }),
});
export type Job = z.infer<typeof jobSchema>;

/** What a contender used. */
export const figuresSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakRssBytes: z.number().nullable(),
});
export type Figures = z.infer<typeof figuresSchema>;

export const contentType = "video/mp4";

/** Both ends inclusive. */
export interface Chunk {
  firstByte: number;
  lastByte: number;
  bytes: number;
}

/** The plan's chunks; the last one takes the rest. */
export function chunksOf(bytes: number, plan: Job["plan"]): Chunk[] {
  return Array.from({ length: plan.chunkCount }, (_, index) => {
    const firstByte = index * plan.chunkBytes;
    const isLast = index === plan.chunkCount - 1;
    const length = isLast ? bytes - firstByte : plan.chunkBytes;
    return { firstByte, lastByte: firstByte + length - 1, bytes: length };
  });
}

/** The object's content: a byte that tells where it belongs, in runs that are cheap to write. */
export const runBytes = 4096;

export function byteAt(offset: number): number {
  // A prime, so that bytes shifted by a chunk or a part show.
  return Math.floor(offset / runBytes) % 251;
}
