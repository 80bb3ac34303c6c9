/**
 * What the processes of the relay benchmark tell each other: where the object is, where its bytes go, in which chunks, and
 * what became of them.
 */
import * as z from "zod";

/** Paths of a key and of the certificate that trusts itself; null for plain HTTP. */
export const certificateSchema = z.object({ keyPath: z.string(), certPath: z.string() }).nullable();
export type Certificate = NonNullable<z.infer<typeof certificateSchema>>;

export const hostSchema = z.object({
  dir: z.string(),
  bytes: z.number(),
  firstByteMs: z.number(),
  certificate: certificateSchema,
  tiktokUrl: z.url(),
});
export type HostInput = z.infer<typeof hostSchema>;

export const frontSchema = hostSchema
  .pick({ firstByteMs: true, certificate: true })
  .extend({ url: z.url() });
export const frontAddressSchema = z.object({ url: z.url() });

/** The object that everybody reads. */
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

/** The host's answer. A GET of `/<title>` there relays one video of our own and answers its figures. */
export const hostAddressSchema = z.object({ storage: storageSchema, controlUrl: z.url() });
export type HostAddress = z.infer<typeof hostAddressSchema>;

export const sinkSchema = z.object({
  answerMs: z.number(),
  bytesPerSecond: z.number().nullable(),
  /** What an init may ask for at most. */
  chunkBytesMax: z.number().optional(),
  certificate: certificateSchema.optional(),
});
export type SinkLimits = z.infer<typeof sinkSchema>;

/** The sink's answer. */
export const sinkAddressSchema = z.object({
  url: z.url(),
  /** The same tasks without TLS, for whoever only looks. */
  seenUrl: z.url(),
});

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

/** Content of one part. Parts begin on whole runs, so each run has one value. */
export function contentOf(firstByte: number, bytes: number): Buffer<ArrayBuffer> {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += runBytes)
    content.fill(byteAt(firstByte + at), at, at + runBytes);
  return content;
}

export function byteAt(offset: number): number {
  // A prime, so that bytes shifted by a chunk or a part show.
  return Math.floor(offset / runBytes) % 251;
}
