/**
 * Storage in segments, the prototype's switch: each part of an upload is an object of its own, which can be read as soon
 * as it is there. Behind core's port, so that client and API run as they are.
 *
 * Small objects rather than one for each of TikTok's chunks: a broken connection then costs a part and not 63 MB, parts
 * that are sent side by side fill one chunk after the other, and nobody has to complete a segment. What a product would
 * need beyond this, such as the checksums of parts for a resumed upload, is in docs/cut-through.md.
 */
import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createS3Storage, type StorageStore, type StoredPart } from "@clipcast/core/storage";

export interface SegmentStorage extends StorageStore {
  /** Of every part but the last, once the first ones have been signed. */
  partBytes(): number;
}

/** One page of a listing; more parts than this no upload has. */
const listedMax = 1_000;
const checksumHeader = "x-amz-checksum-crc32";

export function createSegmentStorage(options: {
  client: S3Client;
  /** Signs for the address that the creator uses. */
  signer: S3Client;
  bucket: string;
}): SegmentStorage {
  const { client, signer, bucket: Bucket } = options;
  let partBytes = 0;

  return {
    ...createS3Storage({ client, bucket: Bucket }),
    partBytes: () => partBytes,
    createUpload: async ({ key }) => key,
    async signPart({ key, partNumber, bytes, crc32, expiresInSeconds }) {
      // All parts but the last have the plan's size, and the first is signed first.
      partBytes = Math.max(partBytes, bytes);
      const command = new PutObjectCommand({
        Bucket,
        Key: segmentKey(key, partNumber),
        ContentLength: bytes,
        ChecksumCRC32: crc32,
      });
      const url = await getSignedUrl(signer, command, {
        expiresIn: expiresInSeconds,
        signableHeaders: new Set(["host", "content-length"]),
        unhoistableHeaders: new Set(["content-length", checksumHeader]),
      });
      return { url, headers: { [checksumHeader]: crc32 } };
    },
    listParts: ({ key }) => list(client, Bucket, key),
    // There is nothing to join; that all parts are there has been checked.
    completeUpload: async () => "segments",
    async removeAll(key) {
      for (const { partNumber } of await list(client, Bucket, key)) {
        await client.send(new DeleteObjectCommand({ Bucket, Key: segmentKey(key, partNumber) }));
      }
    },
  };
}

export function partNumberOf(key: string): number {
  return Number(key.split("/").at(-1));
}

function segmentKey(key: string, partNumber: number): string {
  return `${key}/${String(partNumber).padStart(5, "0")}`;
}

/** A listing tells no checksums. */
async function list(client: S3Client, Bucket: string, key: string): Promise<StoredPart[]> {
  const command = new ListObjectsV2Command({ Bucket, Prefix: `${key}/`, MaxKeys: listedMax });
  const { Contents = [] } = await client.send(command);
  return Contents.map(({ Key = "", Size = 0, ETag = "" }) => ({
    partNumber: partNumberOf(Key),
    bytes: Size,
    etag: ETag,
    crc32: "",
  }));
}
