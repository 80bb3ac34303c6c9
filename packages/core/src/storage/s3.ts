/** The storage port over S3: multipart uploads, presigned parts, and the removal of both. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  NoSuchUpload,
  NotFound,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { assert } from "../errors/index.ts";
import type { StorageStore, StoredPart } from "./index.ts";
import { createPartSigner } from "./sign.ts";

/**
 * A checksum per part, and of the whole a checksum of these: completion then has to name each part's, and S3 compares.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
const checksums = { ChecksumAlgorithm: "CRC32", ChecksumType: "COMPOSITE" } as const;

/** S3 answers at most 1,000 parts a page and knows at most 10,000 parts (S3 user guide, multipart upload limits). */
const partPagesMax = 11;
/** Open uploads of one key are one, or a few after lost answers. */
const uploadPagesMax = 3;

export interface S3StorageOptions {
  /** Made with `requestChecksumCalculation: "WHEN_REQUIRED"`: see `s3ClientConfig`. */
  client: S3Client;
  bucket: string;
}

/**
 * Settings that the S3 client needs. With the SDK's default, a presigned UploadPart carries the checksum of an empty
 * body, and S3 then refuses the real one.
 */
export const s3ClientConfig = {
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
} as const;

export function createS3Storage(options: S3StorageOptions): StorageStore {
  const { client, bucket: Bucket } = options;

  return {
    async createUpload({ key, contentType }) {
      const answer = await client.send(
        new CreateMultipartUploadCommand({
          Bucket,
          Key: key,
          ContentType: contentType,
          ...checksums,
        }),
      );
      assert(answer.UploadId, "S3 answers an upload id");
      return answer.UploadId;
    },

    signPart: createPartSigner(options),

    listParts: ({ key, uploadId }) => listParts(options, key, uploadId),

    async completeUpload({ key, uploadId, parts }) {
      const completed = parts.map((part) => ({
        PartNumber: part.partNumber,
        ETag: part.etag,
        ChecksumCRC32: part.crc32,
      }));
      const command = new CompleteMultipartUploadCommand({
        Bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: completed },
      });
      const answer = await noneIfMissing(client.send(command));
      if (answer === null) return null;
      assert(answer.ETag, "S3 answers an ETag");
      return answer.ETag;
    },

    async head(key) {
      const answer = await noneIfMissing(client.send(new HeadObjectCommand({ Bucket, Key: key })));
      if (answer === null) return null;
      assert(answer.ETag && answer.ContentLength !== undefined, "S3 answers size and ETag");
      return { bytes: answer.ContentLength, etag: answer.ETag };
    },

    async removeAll(key) {
      await abortUploads(options, key);
      await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    },
  };
}

async function listParts(
  { client, bucket }: S3StorageOptions,
  key: string,
  uploadId: string,
): Promise<StoredPart[] | null> {
  const parts: StoredPart[] = [];
  let marker: string | undefined;
  for (let page = 0; page < partPagesMax; page += 1) {
    const command = new ListPartsCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      PartNumberMarker: marker,
    });
    const answer = await noneIfMissing(client.send(command));
    if (answer === null) return null;
    for (const part of answer.Parts ?? []) {
      const { PartNumber, Size, ETag, ChecksumCRC32 } = part;
      const isWhole = PartNumber && Size !== undefined && ETag && ChecksumCRC32;
      assert(isWhole, "S3 names each part in full");
      parts.push({ partNumber: PartNumber, bytes: Size, etag: ETag, crc32: ChecksumCRC32 });
    }
    if (!answer.IsTruncated) return parts;
    marker = answer.NextPartNumberMarker;
  }
  assert(false, "an upload has no more parts than S3 allows");
}

async function abortUploads({ client, bucket }: S3StorageOptions, key: string): Promise<void> {
  for (let page = 0; page < uploadPagesMax; page += 1) {
    const answer = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }),
    );
    for (const upload of answer.Uploads ?? []) {
      if (upload.Key !== key) continue;
      await noneIfMissing(
        client.send(
          new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: upload.UploadId }),
        ),
      );
    }
    if (!answer.IsTruncated) return;
  }
}

/** Null instead of S3's three ways to say that something is not there. */
async function noneIfMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof NoSuchUpload || error instanceof NotFound) return null;
    if (error instanceof S3ServiceException && missingNames.has(error.name)) return null;
    throw error;
  }
}

const missingNames = new Set(["NoSuchUpload", "NoSuchKey", "NotFound"]);
