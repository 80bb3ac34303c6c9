/**
 * Storage: the creator's upload as S3 parts, and its bytes as ranges for the relay.
 *
 * Bytes reach storage by presigned part URLs and leave it by ranged reads; this module never sees a whole file.
 */
export { createRangeReader, rangeUrlSeconds } from "./range.ts";
export { createS3Storage, s3ClientConfig } from "./s3.ts";

/** Bytes on their way, read once. Each piece is lent: its memory is used again when the next one is asked for. */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  /** Ends the request behind it. Harmless after the end. */
  destroy(): void;
}

/** The bytes of one range. Throws `BrokenConnection` where it breaks. */
export interface ByteStream extends ByteSource {
  /** Resolves when the last byte has been taken; never, when the stream breaks or is destroyed. */
  readonly ended: Promise<void>;
}

export interface StoredPart {
  partNumber: number;
  bytes: number;
  etag: string;
  /** As storage computed it when the part came, in base64. */
  crc32: string;
}

/** A PUT that storage lets through exactly as it is described here. */
export interface SignedPut {
  url: string;
  /** To be sent as they are, next to the body. */
  headers: Record<string, string>;
}

export interface StorageStore {
  /** Starts a multipart upload whose parts all carry a CRC32, and answers its id. */
  createUpload(options: { key: string; contentType: string }): Promise<string>;
  /** A presigned PUT for one part. Length and CRC32 (base64) are signed, so storage refuses any other bytes. */
  signPart(options: {
    key: string;
    uploadId: string;
    partNumber: number;
    bytes: number;
    crc32: string;
    expiresInSeconds: number;
  }): Promise<SignedPut>;
  /** Every part that storage holds, in order. Null when there is no such open upload. */
  listParts(options: { key: string; uploadId: string }): Promise<StoredPart[] | null>;
  /** Joins the parts. Answers the object's ETag, or null when there is no such open upload. */
  completeUpload(options: {
    key: string;
    uploadId: string;
    parts: StoredPart[];
  }): Promise<string | null>;
  /** Size and ETag of the object, or null when there is none. */
  head(key: string): Promise<{ bytes: number; etag: string } | null>;
  /** Aborts every open upload of the key and deletes its object. Repeating it is harmless. */
  removeAll(key: string): Promise<void>;
}

export interface RangeReader {
  /**
   * Opens bytes `firstByte` to `lastByte`, both inclusive, of exactly the object with this ETag.
   * Throws `FatalError` when the object is gone or another, `RetryableError` when storage did not answer as asked.
   */
  openRange(options: {
    key: string;
    etag: string;
    firstByte: number;
    lastByte: number;
    signal: AbortSignal;
  }): Promise<ByteStream>;
}

export interface StorageDeps {
  storage: StorageStore;
}

export interface RangeDeps {
  ranges: RangeReader;
}
