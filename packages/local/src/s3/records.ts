/**
 * What is written down about objects and uploads, as JSON files, and the schemas that read them back.
 *
 * Records name blobs; they never hold content. A record becomes true by one rename.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { algorithms, checksumTypes } from "./checksums.ts";

const partRecord = z.object({
  partNumber: z.number().int().positive(),
  blob: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** MD5 in hex; the ETag without its quotes. */
  etag: z.string(),
  uploadedAtMs: z.number(),
  checksum: z.object({ algorithm: z.enum(algorithms), value: z.string() }).optional(),
});

const checksumPlan = z.object({ algorithm: z.enum(algorithms), type: z.enum(checksumTypes) });

/** Response headers kept with an object: content type, metadata and the like, by lower-case name. */
const storedHeaders = z.record(z.string(), z.string());

const uploadRecord = z.object({
  id: z.string(),
  key: z.string(),
  initiatedAtMs: z.number(),
  headers: storedHeaders,
  checksumPlan: checksumPlan.optional(),
});

const objectRecord = z.object({
  key: z.string(),
  etag: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  modifiedAtMs: z.number(),
  headers: storedHeaders,
  checksum: checksumPlan.extend({ value: z.string() }).optional(),
  /** The upload this object was completed from: a repeated completion is recognised by it. */
  uploadId: z.string().optional(),
  parts: z.array(partRecord),
});

const bucketRecord = z.object({ name: z.string(), createdAtMs: z.number() });

export type PartRecord = z.infer<typeof partRecord>;
export type UploadRecord = z.infer<typeof uploadRecord>;
export type ObjectRecord = z.infer<typeof objectRecord>;
export type BucketRecord = z.infer<typeof bucketRecord>;

export const schemas = {
  part: partRecord,
  upload: uploadRecord,
  object: objectRecord,
  bucket: bucketRecord,
} as const;

/** Keys may hold anything and be long, and some file systems ignore case: only a hash is safe as a name. */
export function objectFileName(key: string): string {
  return `${createHash("sha256").update(key).digest("hex")}.json`;
}

export async function readRecord<T extends z.ZodType>(
  path: string,
  schema: T,
): Promise<z.infer<T>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new Error(`The S3 record ${path} cannot be read; remove it or start afresh`, { cause });
  }
}

/** Readers see the old content or the new, never half of one. */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}${temporarySuffix}`;
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export const temporarySuffix = ".tmp";
