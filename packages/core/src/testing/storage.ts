/** Storage in memory: multipart uploads and objects, with ETags and ranges as S3 gives them. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { assert, FatalError } from "../errors/index.ts";
import type { RangeReader, SignedPut, StorageStore, StoredPart } from "../storage/index.ts";
import { streamOf } from "./streams.ts";

const checksumHeader = "x-amz-checksum-crc32";

interface OpenUpload {
  key: string;
  partByNumber: Map<number, Buffer>;
}

export interface MemoryStorage extends StorageStore, RangeReader {
  /** What a browser does with a signed part. */
  putPart(put: SignedPut, bytes: Buffer): Promise<void>;
  /** Keys of all objects. */
  objects(): string[];
  openUploads(): number;
  /** Replaces an object's bytes behind everybody's back. */
  overwrite(key: string, bytes: Buffer): void;
}

export function createMemoryStorage(): MemoryStorage {
  const uploadById = new Map<string, OpenUpload>();
  const objectByKey = new Map<string, Buffer>();
  let uploadCount = 0;

  const uploadOf = (options: { key: string; uploadId: string }): OpenUpload | null => {
    const upload = uploadById.get(options.uploadId);
    return upload?.key === options.key ? upload : null;
  };

  return {
    objects: () => [...objectByKey.keys()],
    openUploads: () => uploadById.size,
    overwrite: (key, bytes) => {
      objectByKey.set(key, bytes);
    },
    async putPart({ url, headers }, bytes) {
      const { pathname, searchParams } = new URL(url);
      const upload = uploadById.get(pathname.slice(1));
      assert(upload, "the signed upload is open");
      assert(Number(searchParams.get("bytes")) === bytes.length, "the signed length is sent");
      assert(searchParams.get("crc32") === headers[checksumHeader], "the signed checksum is sent");
      assert(crc32Of(bytes) === headers[checksumHeader], "the bytes have the signed checksum");
      upload.partByNumber.set(Number(searchParams.get("part")), bytes);
    },

    async createUpload({ key }) {
      uploadCount += 1;
      const uploadId = `upload-${uploadCount}`;
      uploadById.set(uploadId, { key, partByNumber: new Map() });
      return uploadId;
    },
    async signPart({ uploadId, partNumber, bytes, crc32: value }) {
      const signed = new URLSearchParams({
        part: String(partNumber),
        bytes: String(bytes),
        crc32: value,
      });
      const url = `https://storage.invalid/${uploadId}?${signed}`;
      return { url, headers: { [checksumHeader]: value } };
    },
    async listParts(options) {
      const upload = uploadOf(options);
      return upload && storedParts(upload);
    },
    async completeUpload({ parts, ...options }) {
      const upload = uploadOf(options);
      if (upload === null) return null;
      const bytes = parts.map(({ partNumber }) => {
        const part = upload.partByNumber.get(partNumber);
        assert(part, "a completed part is there");
        return part;
      });
      uploadById.delete(options.uploadId);
      const object = Buffer.concat(bytes);
      etagByBytes.set(object, joinedEtag(bytes));
      objectByKey.set(options.key, object);
      return etagOf(object);
    },
    async head(key) {
      const object = objectByKey.get(key);
      return object === undefined ? null : { bytes: object.length, etag: etagOf(object) };
    },
    async openRange({ key, etag, firstByte, lastByte }) {
      const object = objectByKey.get(key);
      if (object === undefined || etagOf(object) !== etag || firstByte >= object.length) {
        throw new FatalError("video_missing", "The uploaded video is no longer in storage.");
      }
      return streamOf([object.subarray(firstByte, lastByte + 1)]);
    },
    async removeAll(key) {
      for (const [uploadId, upload] of uploadById) {
        if (upload.key === key) uploadById.delete(uploadId);
      }
      objectByKey.delete(key);
    },
  };
}

function storedParts(upload: OpenUpload): StoredPart[] {
  return [...upload.partByNumber]
    .sort(([one], [other]) => one - other)
    .map(([partNumber, bytes]) => ({
      partNumber,
      bytes: bytes.length,
      etag: etagOf(bytes),
      crc32: crc32Of(bytes),
    }));
}

const crc32ByBytes = new WeakMap<Buffer, string>();

/** As S3 writes it: big-endian, in base64. */
export function crc32Of(bytes: Buffer): string {
  const known = crc32ByBytes.get(bytes);
  if (known !== undefined) return known;
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  const text = value.toString("base64");
  crc32ByBytes.set(bytes, text);
  return text;
}

/** Megabytes are hashed once, however often a relay asks for a range of them. */
const etagByBytes = new WeakMap<Buffer, string>();

/** S3's way: a hash of the parts' hashes, and how many there were. Nothing is hashed again. */
function joinedEtag(parts: Buffer[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(etagOf(part).slice(1, -1), "hex");
  return `"${hash.digest("hex")}-${parts.length}"`;
}

function etagOf(bytes: Buffer): string {
  const etag = etagByBytes.get(bytes) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
  etagByBytes.set(bytes, etag);
  return etag;
}
