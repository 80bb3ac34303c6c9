/** What the processes of the upload benchmark tell each other. */
import * as z from "zod";

export const linkSchema = z.object({
  /** Each way. */
  bytesPerSecond: z.number(),
  roundTripMs: z.number(),
  /** Of the requests that carry a part. */
  cutShare: z.number(),
});
export type LinkSpec = z.infer<typeof linkSchema>;

export const shaperSchema = z.object({
  sitePort: z.number(),
  storagePort: z.number(),
  link: linkSchema,
});

export const shaperAddressSchema = z.object({
  siteUrl: z.url(),
  storageUrl: z.url(),
  controlUrl: z.url(),
});

export const stageSchema = z.object({
  /** Storage keeps its objects here. */
  dir: z.string(),
  /** The contenders' scripts for browsers. */
  pagesDir: z.string(),
  link: linkSchema,
});

export const stageAddressSchema = z.object({
  /** By way of the link. */
  siteUrl: z.url(),
  /** Past the link, for the benchmark itself. */
  controlUrl: z.url(),
});

/** What one upload came to, as the servers saw it. */
export const seenSchema = z.object({
  /** Requests that answered nothing but signed URLs. */
  signCalls: z.number(),
  /** All requests to the site's API, signing among them. */
  apiCalls: z.number(),
  puts: z.number(),
  cuts: z.number(),
  objects: z.array(z.object({ bytes: z.number(), hasRightBytes: z.boolean() })),
});
export type Seen = z.infer<typeof seenSchema>;

export const nodeJobSchema = z.object({ siteUrl: z.url(), path: z.string() });
export const nodeFiguresSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakRssBytes: z.number().nullable(),
});

export const contentType = "video/mp4";

/** The accounts' TikTok name in the stage's memory. */
export const accountId = "-000creator";

/** The file: holes, but for a stamp at the head of each block that says where it belongs. */
export const blockBytes = 1024 * 1024;
export const stampBytes = 16;

export function stampOf(blockIndex: number): Buffer<ArrayBuffer> {
  const stamp = Buffer.alloc(stampBytes, "clipcast");
  stamp.writeBigUInt64BE(BigInt(blockIndex), 0);
  return stamp;
}
