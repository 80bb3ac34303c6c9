/**
 * All state of the server: buckets, objects and uploads as records in memory, each a small file on disk, and the order of
 * writes that makes a crash harmless.
 *
 *     <dir>/<bucket>/bucket.json                     the bucket exists
 *                   /cors.xml lifecycle.xml …        configuration documents
 *                   /objects/<sha256 of key>.json    an object: headers, ETag, and the blobs it consists of
 *                   /uploads/<id>/upload.json <n>.json   an upload in progress and its parts
 *                   /blobs/<id>                      bytes
 *
 * The folder is the truth; memory is read from it at start. A blob is written first, the record naming it second, and
 * blobs that no record names any more are removed last, so that a crash leaves at worst unnamed blobs, which the next
 * start removes. Completing an upload therefore moves no bytes: the object's record takes over the parts' blobs.
 */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "./blobs.ts";
import { type Bucket, type DocumentName, loadBucket, type Upload } from "./bucket.ts";
import { createLocks, type Locks } from "./locks.ts";
import {
  type BucketRecord,
  type ObjectRecord,
  objectFileName,
  type PartRecord,
  type UploadRecord,
  writeAtomically,
} from "./records.ts";

export type Store = { directory: string; buckets: Map<string, Bucket>; locks: Locks };

export async function openStore(directory: string): Promise<Store> {
  await mkdir(directory, { recursive: true });
  const store: Store = { directory, buckets: new Map(), locks: createLocks() };
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const bucket = await loadBucket(join(directory, entry.name));
    if (bucket !== undefined) store.buckets.set(bucket.name, bucket);
  }
  return store;
}

export async function addBucket(store: Store, record: BucketRecord): Promise<void> {
  const directory = join(store.directory, record.name);
  await mkdir(join(directory, "objects"), { recursive: true });
  await mkdir(join(directory, "uploads"), { recursive: true });
  const blobs = await openBlobs(join(directory, "blobs"));
  await writeAtomically(join(directory, "bucket.json"), JSON.stringify(record));
  store.buckets.set(record.name, {
    ...record,
    directory,
    blobs,
    objects: new Map(),
    uploads: new Map(),
    documents: new Map(),
  });
}

export async function removeBucket(store: Store, bucket: Bucket): Promise<void> {
  store.buckets.delete(bucket.name);
  // Its record goes first: a crash in the middle leaves a folder that is no bucket.
  await rm(join(bucket.directory, "bucket.json"), { force: true });
  await rm(bucket.directory, { recursive: true, force: true });
}

/** Makes the object visible, replacing one of the same key; call while holding the key's lock. */
export async function putObject(bucket: Bucket, object: ObjectRecord): Promise<void> {
  const previous = bucket.objects.get(object.key);
  await writeAtomically(objectPath(bucket, object.key), JSON.stringify(object));
  bucket.objects.set(object.key, object);
  if (previous !== undefined) await bucket.blobs.remove(blobsOf(previous.parts));
}

/** Call while holding the key's lock. */
export async function removeObject(bucket: Bucket, object: ObjectRecord): Promise<void> {
  await rm(objectPath(bucket, object.key), { force: true });
  bucket.objects.delete(object.key);
  await bucket.blobs.remove(blobsOf(object.parts));
}

export async function addUpload(bucket: Bucket, record: UploadRecord): Promise<void> {
  await mkdir(uploadPath(bucket, record.id));
  await writeAtomically(join(uploadPath(bucket, record.id), "upload.json"), JSON.stringify(record));
  bucket.uploads.set(record.id, { ...record, parts: new Map() });
}

/** Makes the part visible, replacing one of the same number; call while holding the upload's lock. */
export async function putPart(bucket: Bucket, upload: Upload, part: PartRecord): Promise<void> {
  const previous = upload.parts.get(part.partNumber);
  const path = join(uploadPath(bucket, upload.id), `${part.partNumber}.json`);
  await writeAtomically(path, JSON.stringify(part));
  upload.parts.set(part.partNumber, part);
  if (previous !== undefined) await bucket.blobs.remove([previous.blob]);
}

/** Forgets the upload and the blobs that no object took over; call while holding the upload's lock. */
export async function removeUpload(
  bucket: Bucket,
  upload: Upload,
  keptBlobs: readonly string[] = [],
): Promise<void> {
  bucket.uploads.delete(upload.id);
  // Its record goes first, so that a crash in the middle does not bring half of it back.
  await rm(join(uploadPath(bucket, upload.id), "upload.json"), { force: true });
  await rm(uploadPath(bucket, upload.id), { recursive: true, force: true });
  const kept = new Set(keptBlobs);
  await bucket.blobs.remove(blobsOf([...upload.parts.values()]).filter((id) => !kept.has(id)));
}

export async function putDocument(bucket: Bucket, name: DocumentName, xml: string): Promise<void> {
  await writeAtomically(documentPath(bucket, name), xml);
  bucket.documents.set(name, xml);
}

export async function removeDocument(bucket: Bucket, name: DocumentName): Promise<void> {
  await rm(documentPath(bucket, name), { force: true });
  bucket.documents.delete(name);
}

export function blobsOf(parts: readonly PartRecord[]): string[] {
  return parts.map((part) => part.blob);
}

/** The names of the two locks. Whoever needs both takes the upload's first. */
export function keyLock(bucket: Bucket, key: string): string {
  return `key ${bucket.name}/${key}`;
}

export function uploadLock(uploadId: string): string {
  return `upload ${uploadId}`;
}

function objectPath(bucket: Bucket, key: string): string {
  return join(bucket.directory, "objects", objectFileName(key));
}

function uploadPath(bucket: Bucket, uploadId: string): string {
  return join(bucket.directory, "uploads", uploadId);
}

function documentPath(bucket: Bucket, name: DocumentName): string {
  return join(bucket.directory, `${name}.xml`);
}
