/**
 * One bucket in memory, and how it is read back from its folder at start.
 *
 * Loading clears away what a crash left: half-written records, uploads whose completion had already become an object,
 * and blobs that no record names. Changing a bucket is left to store.ts.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Blobs, openBlobs } from "./blobs.ts";
import {
  type BucketRecord,
  type ObjectRecord,
  type PartRecord,
  readRecord,
  schemas,
  temporarySuffix,
  type UploadRecord,
} from "./records.ts";

const documentNames = ["cors", "lifecycle", "notification"] as const;
export type DocumentName = (typeof documentNames)[number];

export type Upload = UploadRecord & { parts: Map<number, PartRecord> };

export type Bucket = BucketRecord & {
  directory: string;
  blobs: Blobs;
  objects: Map<string, ObjectRecord>;
  uploads: Map<string, Upload>;
  documents: Map<DocumentName, string>;
};

/** Undefined when the folder is no bucket: someone else's, or one that was being created or deleted. */
export async function loadBucket(directory: string): Promise<Bucket | undefined> {
  if (!existsSync(join(directory, "bucket.json"))) return undefined;
  const record = await readRecord(join(directory, "bucket.json"), schemas.bucket);
  for (const name of ["objects", "uploads"])
    await mkdir(join(directory, name), { recursive: true });
  const objects = await loadObjects(join(directory, "objects"));
  const uploads = await loadUploads(join(directory, "uploads"), objects);
  const blobs = await openBlobs(join(directory, "blobs"));
  const bucket: Bucket = {
    ...record,
    directory,
    blobs,
    objects,
    uploads,
    documents: await loadDocuments(directory),
  };
  const parts = [...objects.values()].flatMap((object) => object.parts);
  for (const upload of uploads.values()) parts.push(...upload.parts.values());
  await blobs.removeAllBut(new Set(parts.map((part) => part.blob)));
  return bucket;
}

async function loadObjects(directory: string): Promise<Map<string, ObjectRecord>> {
  const objects = new Map<string, ObjectRecord>();
  for (const name of await recordNames(directory)) {
    const object = await readRecord(join(directory, name), schemas.object);
    objects.set(object.key, object);
  }
  return objects;
}

async function loadUploads(
  directory: string,
  objects: ReadonlyMap<string, ObjectRecord>,
): Promise<Map<string, Upload>> {
  const uploads = new Map<string, Upload>();
  for (const id of await readdir(directory)) {
    const folder = join(directory, id);
    const names = await recordNames(folder);
    const record = names.includes("upload.json")
      ? await readRecord(join(folder, "upload.json"), schemas.upload)
      : undefined;
    const isCompleted = record !== undefined && objects.get(record.key)?.uploadId === record.id;
    if (record === undefined || isCompleted) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    const upload: Upload = { ...record, parts: new Map() };
    for (const name of names.filter((candidate) => candidate !== "upload.json")) {
      const part = await readRecord(join(folder, name), schemas.part);
      upload.parts.set(part.partNumber, part);
    }
    uploads.set(upload.id, upload);
  }
  return uploads;
}

async function loadDocuments(directory: string): Promise<Map<DocumentName, string>> {
  const documents = new Map<DocumentName, string>();
  for (const name of documentNames) {
    const path = join(directory, `${name}.xml`);
    if (existsSync(path)) documents.set(name, await readFile(path, "utf8"));
  }
  return documents;
}

/** Names of whole records; half-written ones are removed. */
async function recordNames(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  for (const name of names.filter((candidate) => candidate.endsWith(temporarySuffix))) {
    await rm(join(directory, name), { force: true });
  }
  return names.filter((name) => name.endsWith(".json"));
}
